import { ActionIcon, Button, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useLive } from '../live/provider.tsx';
import { useTimeRange } from '../time/use-range.ts';
import { useZoom } from '../ui/chart/use-zoom.ts';
import {
  IconKeyboard,
  IconMoon,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconSearch,
  IconSun,
  IconZoomOut,
} from '../ui/icons.ts';
import { Brand } from './brand.tsx';
import styles from './shell.module.css';
import { TimeRangePicker } from './time-range-picker.tsx';

const WORDS = {
  connecting: 'Connecting',
  live: 'Live',
  retrying: 'Reconnecting',
  polling: 'Every 5 s',
} as const;

function LiveButton() {
  const { connection, paused, setPaused, lastEventAt } = useLive();
  const dot = paused ? 'dotPaused' : connection === 'live' ? 'dotLive' : 'dotWarn';
  const word = paused ? 'Paused' : WORDS[connection];
  const explanation = paused
    ? 'Nothing moves until you resume (p)'
    : connection === 'polling'
      ? 'The live stream is not available; the page asks every 5 s. Click to pause (p)'
      : 'Updates by itself. Click to pause (p)';
  return (
    <Tooltip label={explanation} openDelay={400}>
      <Button
        className={styles['live']}
        variant="default"
        size="xs"
        justify="space-between"
        onClick={() => setPaused(!paused)}
        aria-label={`${word}. ${paused ? 'Resume' : 'Pause'} updates`}
        leftSection={
          <span
            key={lastEventAt}
            className={`${styles['dot']} ${styles[dot]}`}
            data-beat={lastEventAt !== null}
          />
        }
        rightSection={paused ? <IconPlayerPlay size={14} /> : <IconPlayerPause size={14} />}
      >
        <span className={styles['wide']}>{word}</span>
      </Button>
    </Tooltip>
  );
}

export function useToggleTheme(): () => void {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('dark');
  return () => setColorScheme(scheme === 'dark' ? 'light' : 'dark');
}

function ThemeButton() {
  const scheme = useComputedColorScheme('dark');
  const toggle = useToggleTheme();
  return (
    <Tooltip label={scheme === 'dark' ? 'Light theme' : 'Dark theme'} openDelay={400}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={30}
        onClick={toggle}
        aria-label="Switch between dark and light"
      >
        {scheme === 'dark' ? <IconSun size={16} /> : <IconMoon size={16} />}
      </ActionIcon>
    </Tooltip>
  );
}

function RefreshButton() {
  const queries = useQueryClient();
  const asking = useIsFetching() > 0;
  return (
    <Tooltip label="Refresh now (r)" openDelay={400}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={30}
        className={styles['desk'] ?? ''}
        onClick={() => void queries.invalidateQueries()}
        aria-label="Refresh now"
        aria-busy={asking}
      >
        <IconRefresh size={16} />
      </ActionIcon>
    </Tooltip>
  );
}

function ZoomOutButton() {
  const [range] = useTimeRange();
  const { zoomOut } = useZoom();
  if (range.kind === 'relative') return null;
  return (
    <Tooltip label="Back to the range before (double-click on a chart)" openDelay={400}>
      <ActionIcon variant="subtle" color="gray" size={30} onClick={zoomOut} aria-label="Zoom out">
        <IconZoomOut size={16} />
      </ActionIcon>
    </Tooltip>
  );
}

export function TopBar({ openHelp }: { readonly openHelp: () => void }) {
  return (
    <header className={styles['top']}>
      <Link to="/" search={true} className={styles['topBrand']} aria-label="Pharos overview">
        <Brand />
      </Link>
      <button
        type="button"
        className={styles['search']}
        onClick={() => spotlight.open()}
        aria-label="Search services and pages"
      >
        <IconSearch size={16} />
        <span>Search services and pages</span>
        <kbd aria-hidden>/</kbd>
      </button>
      <div className={styles['topRight']}>
        <ZoomOutButton />
        <TimeRangePicker />
        <LiveButton />
        <RefreshButton />
        <ThemeButton />
        <Tooltip label="Keyboard (?)" openDelay={400}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={30}
            className={styles['desk'] ?? ''}
            onClick={openHelp}
            aria-label="Keyboard shortcuts"
          >
            <IconKeyboard size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
    </header>
  );
}

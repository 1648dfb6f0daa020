import { Menu, Modal } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import '@mantine/notifications/styles.css';
import { spotlight } from '@mantine/spotlight';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { type FunctionComponent, useEffect, useMemo, useState } from 'react';
import { useHealth } from '../api/queries.ts';
import { type Hotkey, useBoundKeys, useHotkeys, useKeyboard } from '../keys/hotkeys.tsx';
import { useLive } from '../live/provider.tsx';
import { shiftRange } from '../time/range.ts';
import { useTimeRange } from '../time/use-range.ts';
import { IconDots } from '../ui/icons.ts';
import { ConnectionNotice } from './connection-notice.tsx';
import { countStates, FiringCount, Nav } from './nav.tsx';
import { PAGE_LIST } from './pages.ts';
import { Palette } from './palette.tsx';
import styles from './shell.module.css';
import { TopBar, useToggleTheme } from './top-bar.tsx';

function ShortcutHelp() {
  const bound = useBoundKeys();
  const shown = bound.filter(
    (hotkey, index) => bound.findLastIndex((other) => other.keys === hotkey.keys) === index,
  );
  const fixed: readonly Omit<Hotkey, 'run'>[] = [{ keys: 'Esc', label: 'Close what is open', group: 'Page' }];
  const groups = ['Go to', 'Lists', 'Page'] as const;
  return (
    <div className={styles['keys']}>
      {groups.map((group) => (
        <div key={group}>
          <h3>{group}</h3>
          <dl>
            {[...fixed, ...shown]
              .filter((hotkey) => hotkey.group === group)
              .map((hotkey) => (
                <Row key={hotkey.keys} keys={hotkey.keys} label={hotkey.label} />
              ))}
          </dl>
        </div>
      ))}
    </div>
  );
}

function Row({ keys, label }: { readonly keys: string; readonly label: string }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>
        {keys.split(' ').map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dd>
    </>
  );
}

function useShellKeys(openHelp: () => void): void {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { paused, setPaused } = useLive();
  const [range, setRange] = useTimeRange();
  const toggleTheme = useToggleTheme();
  const hotkeys = useMemo<readonly Hotkey[]>(
    () => [
      ...PAGE_LIST.map(
        (page): Hotkey => ({
          keys: `g ${page.key}`,
          label: page.label,
          group: 'Go to',
          run: () => void navigate({ to: page.to, search: (previous) => previous }),
        }),
      ),
      { keys: '/', label: 'Find anything by its name', group: 'Page', run: () => spotlight.open() },
      { keys: '?', label: 'This help', group: 'Page', run: openHelp },
      { keys: 'p', label: 'Pause or resume updates', group: 'Page', run: () => setPaused(!paused) },
      { keys: 'r', label: 'Refresh now', group: 'Page', run: () => void queries.invalidateQueries() },
      { keys: '[', label: 'Earlier', group: 'Page', run: () => setRange(shiftRange(range, -1, Date.now())) },
      { keys: ']', label: 'Later', group: 'Page', run: () => setRange(shiftRange(range, 1, Date.now())) },
      { keys: '\\', label: 'Dark or light', group: 'Page', run: toggleTheme },
    ],
    [navigate, queries, openHelp, paused, setPaused, range, setRange, toggleTheme],
  );
  useHotkeys(hotkeys, 'application');
  useKeyboard();
}

/** Pages with a tab of their own on a phone; the others stand under More. */
const BAR_PAGES = 4;

function PhoneBar() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const others = PAGE_LIST.slice(BAR_PAGES);
  return (
    <nav className={styles['phoneBar']} aria-label="Pages">
      {PAGE_LIST.slice(0, BAR_PAGES).map((page) => (
        <Link
          key={page.to}
          to={page.to}
          search={true}
          className={styles['tab']}
          activeOptions={{ exact: page.to === '/', includeSearch: false }}
        >
          <page.icon size={20} stroke={1.75} />
          {page.short}
          {page.to === '/alerts' && <FiringCount />}
        </Link>
      ))}
      <Menu position="top-end" width={240} offset={4}>
        <Menu.Target>
          <button
            type="button"
            className={styles['tab']}
            data-status={others.some(({ to }) => path.startsWith(to)) ? 'active' : undefined}
          >
            <IconDots size={20} aria-hidden />
            More
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {others.map((page) => (
            <Menu.Item
              key={page.to}
              component={Link}
              to={page.to}
              search={true}
              h={44}
              leftSection={<page.icon size={18} stroke={1.75} />}
            >
              {page.label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </nav>
  );
}

/** The state of the system stands in the tab's title, where it is seen without looking. */
function useTitle(): void {
  const { data } = useHealth();
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    const page = PAGE_LIST.findLast((entry) => (entry.to === '/' ? path === '/' : path.startsWith(entry.to)));
    const service = /^\/services\/([^/]+)/.exec(path)?.[1];
    const name = service === undefined ? (page?.label ?? 'Pharos') : decodeURIComponent(service);
    const troubled = (data?.services ?? [])
      .map((entry) => entry.status)
      .filter((status) => status !== 'healthy');
    document.title = `${troubled.length === 0 ? '' : `(${countStates(troubled)}) `}${name} · Pharos`;
  }, [data, path]);
}

export const Shell: FunctionComponent = () => {
  const [help, setHelp] = useState(false);
  const openHelp = useMemo(() => () => setHelp(true), []);
  useShellKeys(openHelp);
  useTitle();
  return (
    <>
      <button
        type="button"
        className={styles['skip']}
        onClick={() => document.getElementById('main')?.focus()}
      >
        Skip to the page
      </button>
      <div className={styles['shell']}>
        <Nav />
        <div className={styles['column']}>
          <TopBar openHelp={openHelp} />
          <ConnectionNotice />
          <main id="main" className={styles['main']} tabIndex={-1}>
            <Outlet />
          </main>
        </div>
        <PhoneBar />
      </div>
      <Palette />
      <Notifications position="bottom-right" limit={3} />
      <Modal opened={help} onClose={() => setHelp(false)} title="Keyboard" size="md">
        <ShortcutHelp />
      </Modal>
    </>
  );
};

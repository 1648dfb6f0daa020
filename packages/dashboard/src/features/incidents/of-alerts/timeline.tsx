import { SegmentedControl } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useZone } from '../../../time/use-range.ts';
import { formatClock, formatDuration } from '../../../ui/format.ts';
import {
  type Icon,
  IconAlertTriangle,
  IconBell,
  IconBug,
  IconChartLine,
  IconCheck,
  IconCircleDashed,
  IconFlame,
  IconNote,
  IconPlugConnectedX,
  IconRocket,
  IconShare,
} from '../../../ui/icons.ts';
import { Section } from '../../../ui/states.tsx';
import type { TimelineEntry } from './contracts.ts';
import styles from './incident.module.css';
import { FILTERS, type Filter, filterOf, isShown } from './words.ts';

const ICONS: Readonly<Record<string, Icon>> = {
  deviation: IconFlame,
  deployment: IconRocket,
  breaker: IconPlugConnectedX,
  error: IconBug,
  health: IconChartLine,
  alert: IconBell,
  notification: IconShare,
  acknowledgement: IconCheck,
  incident: IconAlertTriangle,
  note: IconNote,
};

/** The alert or the error group that an entry is about. */
function To({ entry }: { readonly entry: TimelineEntry }) {
  if (entry.of === '') return null;
  if (entry.kind === 'error')
    return (
      <Link to="/errors/$groupId" params={{ groupId: entry.of }} search={{}} className={styles['link']}>
        the error
      </Link>
    );
  return (
    <Link to="/alerts/$fingerprint" params={{ fingerprint: entry.of }} search={{}} className={styles['link']}>
      the alert
    </Link>
  );
}

function Entry({ entry, start }: { readonly entry: TimelineEntry; readonly start: number }) {
  const [zone] = useZone();
  const Shape = ICONS[entry.kind] ?? IconCircleDashed;
  const apart = entry.at - start;
  return (
    <li className={styles['entry']} data-kind={entry.kind}>
      <span className={`num ${styles['clock']}`}>
        <time dateTime={new Date(entry.at).toISOString()}>
          {formatClock(entry.at, Date.now(), zone, true)}
        </time>
        <small>
          {apart < 0 ? '−' : '+'}
          {formatDuration(Math.abs(apart))}
        </small>
      </span>
      <span className={styles['kind']}>
        <Shape size={14} aria-hidden />
        {entry.kind}
      </span>
      <span className={styles['said']}>
        {entry.text}
        {entry.by !== '' && <span className={styles['quiet']}> by {entry.by}</span>} <To entry={entry} />
      </span>
    </li>
  );
}

export interface TimelineProps {
  readonly entries: readonly TimelineEntry[];
  readonly warnings: readonly string[];
  /** The first sign, epoch ms. */
  readonly start: number;
}

/** Everything that is known of an incident in the order of time, the oldest first. */
export function Timeline({ entries, warnings, start }: TimelineProps) {
  const [filter, setFilter] = useState<Filter>('all');
  const kinds = Object.keys(FILTERS);
  const shown = entries.filter(({ kind }) => isShown(kind, filter));
  return (
    <Section
      title="Timeline"
      note="+ and − count from the first sign"
      actions={
        <SegmentedControl
          size="xs"
          aria-label="What of it"
          data={kinds}
          value={filter}
          onChange={(next) => setFilter(filterOf(next))}
        />
      }
    >
      {warnings.map((text) => (
        <p key={text} className={styles['quiet']} role="status">
          {text}
        </p>
      ))}
      <ol className={styles['timeline']}>
        {shown.map((entry, index) => (
          // Two things of one millisecond may be told alike.
          <Entry key={`${entry.at} ${entry.kind} ${index}`} entry={entry} start={start} />
        ))}
      </ol>
      {shown.length === 0 && <p className={styles['quiet']}>Nothing of it is known.</p>}
    </Section>
  );
}

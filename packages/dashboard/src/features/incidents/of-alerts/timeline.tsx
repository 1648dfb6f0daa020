import { SegmentedControl } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
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
import type { Member, TimelineEntry } from './contracts.ts';
import { type FoldedEntries, foldedOf } from './fold.ts';
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

/** When it was, by the clock. */
function At({ at }: { readonly at: number }) {
  const [zone] = useZone();
  return <time dateTime={new Date(at).toISOString()}>{formatClock(at, Date.now(), zone, true)}</time>;
}

function Said({ entry }: { readonly entry: TimelineEntry }) {
  return (
    <span className={styles['said']}>
      {entry.text}
      {entry.by !== '' && <span className={styles['quiet']}> by {entry.by}</span>} <To entry={entry} />
    </span>
  );
}

/** One line for many, which opens to all of them. */
function Folded({ text, entries }: FoldedEntries) {
  return (
    <details className={styles['said']}>
      <summary>{text}</summary>
      <ol className={styles['folded']}>
        {entries.map((entry, index) => (
          <li key={index}>
            <span className={`num ${styles['quiet']}`}>
              <At at={entry.at} />
            </span>
            <Said entry={entry} />
          </li>
        ))}
      </ol>
    </details>
  );
}

function Entry({ entry, start }: { readonly entry: TimelineEntry | FoldedEntries; readonly start: number }) {
  const Shape = ICONS[entry.kind] ?? IconCircleDashed;
  const apart = entry.at - start;
  return (
    <li className={styles['entry']} data-kind={entry.kind}>
      <span className={`num ${styles['clock']}`}>
        <At at={entry.at} />
        <small>
          {apart < 0 ? '−' : '+'}
          {formatDuration(Math.abs(apart))}
        </small>
      </span>
      <span className={styles['kind']}>
        <Shape size={14} aria-hidden />
        {entry.kind}
      </span>
      {'entries' in entry ? <Folded {...entry} /> : <Said entry={entry} />}
    </li>
  );
}

/** Stays what it is while more is told: what somebody opened stays open. */
function keyOf(entry: TimelineEntry | FoldedEntries, index: number): string {
  // Two things of one millisecond may be told alike.
  return 'entries' in entry
    ? `${entry.at} ${entry.entries[0]?.text ?? ''}`
    : `${entry.at} ${entry.kind} ${index}`;
}

export interface TimelineProps {
  readonly entries: readonly TimelineEntry[];
  readonly warnings: readonly string[];
  /** Its alerts, as far as they are named. */
  readonly members: readonly Member[];
  /** The first sign, epoch ms. */
  readonly start: number;
}

/** Everything that is known of an incident in the order of time, the oldest first. */
export function Timeline({ entries, warnings, members, start }: TimelineProps) {
  const [filter, setFilter] = useState<Filter>('all');
  const kinds = Object.keys(FILTERS);
  const shown = useMemo(
    () =>
      foldedOf(
        entries.filter(({ kind }) => isShown(kind, filter)),
        members,
      ),
    [entries, members, filter],
  );
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
          <Entry key={keyOf(entry, index)} entry={entry} start={start} />
        ))}
      </ol>
      {shown.length === 0 && <p className={styles['quiet']}>Nothing of it is known.</p>}
    </Section>
  );
}

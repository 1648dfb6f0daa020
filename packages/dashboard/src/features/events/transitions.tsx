import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { RelativeTime } from '../../ui/figures.tsx';
import type { Transitions as Counts } from './contracts.ts';
import styles from './events.module.css';
import { VerdictMark } from './verdict-mark.tsx';

/** Verdicts that would be others: from what to what, how many. */
export function Transitions({ counts }: { readonly counts: Counts }) {
  if (counts.length === 0) return null;
  return (
    <ul className={styles['transitions']} aria-label="Verdicts that would be others">
      {counts.map(({ from, to, count }) => (
        <li key={`${from} ${to}`}>
          <b className="num">{count.toLocaleString('en')}</b> <VerdictMark status={from} />{' '}
          <span aria-label="become">→</span> <VerdictMark status={to} />
        </li>
      ))}
    </ul>
  );
}

/** A list of events by their moment, each a link to why. */
export function Samples({
  events,
}: {
  readonly events: readonly {
    readonly id: string;
    readonly timestamp: number;
    readonly source: string;
    readonly event_type: string;
    readonly what: ReactNode;
  }[];
}) {
  return (
    <ul className={styles['samples']}>
      {events.map((event) => (
        <li key={event.id}>
          <RelativeTime at={event.timestamp} />
          <Link to="/events" search={{ event: event.id }} target="_blank">
            {event.source} / {event.event_type}
          </Link>
          <span>{event.what}</span>
        </li>
      ))}
    </ul>
  );
}

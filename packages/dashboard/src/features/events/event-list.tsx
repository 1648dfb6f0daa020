import { type ReactNode, useEffect, useState } from 'react';
import { useZone } from '../../time/use-range.ts';
import { formatClock } from '../../ui/format.ts';
import { useRowList } from '../../ui/use-row-list.ts';
import { VirtualList } from '../../ui/virtual-list.tsx';
import type { EventEntry } from './contracts.ts';
import styles from './events.module.css';
import { DecisionWord, VerdictMark } from './verdict-mark.tsx';

const ROW_PX = 34;
/** Older events are asked for when so many are left below. */
const AHEAD = 60;

interface EventListProps {
  readonly events: readonly EventEntry[];
  readonly open: (event: EventEntry) => void;
  /** Whether the reader looks at something that must not move away. */
  readonly hold: (held: boolean) => void;
  /** Asks for older ones; undefined when there are none, or they are on their way. */
  readonly more: (() => void) | undefined;
  readonly foot: ReactNode;
}

/** What the row says: what was found, or the members of the data. */
function gist(event: EventEntry): string {
  if (event.issues.length > 0) return event.issues.map(({ message }) => message).join('; ');
  const text = Object.entries(event.input)
    .slice(0, 12)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  return text.slice(0, 300);
}

function Row({ event, open }: { readonly event: EventEntry; readonly open: () => void }) {
  const [zone] = useZone();
  return (
    <button type="button" className={styles['rowButton']} onClick={open}>
      <time className="num" dateTime={new Date(event.timestamp).toISOString()}>
        {formatClock(event.timestamp, Date.now(), zone, true)}
      </time>
      <VerdictMark status={event.status} />
      <DecisionWord decision={event.decision} />
      <span className={styles['source']}>{event.source}</span>
      <span className={styles['type']}>{event.event_type}</span>
      <span className={styles['gist']}>{gist(event)}</span>
    </button>
  );
}

/** The events in sight, of however many there are; older ones come as the reader goes down. */
export function EventList({ events, open, hold, more, foot }: EventListProps) {
  const [away, setAway] = useState(false);
  const list = useRowList({
    count: events.length,
    heightPx: ROW_PX,
    keyOf: (index) => events[index]?.id ?? index,
    what: 'event',
    open: (index) => {
      const event = events[index];
      if (event !== undefined) open(event);
    },
  });
  const held = away || list.selected >= 0;
  useEffect(() => {
    hold(held);
    return () => hold(false);
  }, [hold, held]);
  const near = (list.virtual.getVirtualItems().at(-1)?.index ?? 0) >= events.length - AHEAD;
  useEffect(() => {
    if (near) more?.();
  }, [near, more]);
  return (
    <VirtualList
      list={list}
      className={styles['list']}
      label="Events, the newest first"
      onScroll={(event) => setAway(event.currentTarget.scrollTop > ROW_PX)}
      foot={<div className={styles['foot']}>{foot}</div>}
    >
      {(index) => {
        const event = events[index];
        return event === undefined ? null : <Row event={event} open={() => open(event)} />;
      }}
    </VirtualList>
  );
}

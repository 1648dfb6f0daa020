import { Button } from '@mantine/core';
import { type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useHotkeys } from '../../keys/hotkeys.tsx';
import { useLive } from '../../live/provider.tsx';
import { useNow } from '../../time/use-now.ts';
import { useZone } from '../../time/use-range.ts';
import {
  IconArrowDown,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlugConnectedX,
  IconTrash,
} from '../../ui/icons.ts';
import { useRowList } from '../../ui/use-row-list.ts';
import { VirtualList } from '../../ui/virtual-list.tsx';
import { Line } from './line.tsx';
import styles from './logs.module.css';
import { count, type TailBuffer, waitingOf } from './tail-buffer.ts';
import type { LogQuery } from './use-log-query.ts';
import { type Tail, useTail } from './use-tail.ts';

const ROW_PX = 24;
/** Nearer to the end than this is at the end. */
const END_PX = 40;

function stateWords({ state, rate, buffer }: Tail, held: boolean, now: number): string {
  if (state.at === 'connecting') return 'Connecting…';
  if (state.at === 'lost') {
    const seconds = Math.max(0, Math.ceil((state.next - now) / 1000));
    const why = state.reason === '' ? '' : `: ${state.reason}`;
    return `The connection is lost${why}; trying again in ${seconds} s`;
  }
  const waiting = waitingOf(buffer);
  if (held) return `Held; ${waiting === 0 ? 'no new line' : `${count(waiting, 'more line')} came`}`;
  return `Live, ${rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString('en')} lines a second`;
}

interface BarProps {
  readonly tail: Tail;
  readonly held: boolean;
  readonly setHeld: (held: boolean) => void;
}

/** How the live view stands, and what the reader may do about it. */
function TailBar({ tail, held, setHeld }: BarProps) {
  const now = useNow();
  const { at } = tail.state;
  return (
    <div className={styles['tailBar']} data-state={held ? 'held' : at}>
      <span className={styles['tailState']}>
        {at === 'lost' ? (
          <IconPlugConnectedX size={14} aria-hidden />
        ) : held ? (
          <IconPlayerPause size={14} aria-hidden />
        ) : (
          <span className={styles['pulse']} aria-hidden />
        )}
        <span className="num">{stateWords(tail, held, now)}</span>
      </span>
      {at === 'lost' && (
        <Button size="compact-xs" variant="default" onClick={tail.retry}>
          Try now
        </Button>
      )}
      <span className={styles['tailActions']}>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={held ? <IconPlayerPlay size={12} /> : <IconPlayerPause size={12} />}
          onClick={() => setHeld(!held)}
        >
          {held ? 'Resume' : 'Pause'}
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconTrash size={12} />}
          disabled={tail.buffer.shown.length === 0}
          onClick={tail.clear}
        >
          Clear
        </Button>
      </span>
    </div>
  );
}

const UP = new Set(['ArrowUp', 'PageUp', 'Home']);

/**
 * Keeps the newest row in sight for as long as nothing is held. What the reader does to go up holds at once, before the view has
 * moved: the next lines come too soon to wait for that. Going down to the end goes on.
 */
function useFollow(
  scroller: RefObject<HTMLDivElement | null>,
  at: { readonly held: boolean; readonly newest: number; readonly size: number },
  setAway: (away: boolean) => void,
) {
  /** Where the view was put here; what is told of that place is no news. */
  const put = useRef<number | null>(null);
  const last = useRef(0);
  const { held, newest, size } = at;
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || held) return;
    element.scrollTop = element.scrollHeight;
    put.current = element.scrollTop;
  }, [scroller, held, newest, size]);
  const up = (): void => {
    const element = scroller.current;
    if (element !== null && element.scrollHeight > element.clientHeight) setAway(true);
  };
  return {
    onWheel: ({ deltaY }: { readonly deltaY: number }) => deltaY < 0 && up(),
    onKeyDown: ({ key }: { readonly key: string }) => UP.has(key) && up(),
    onTouchMove: up,
    onPointerDown: ({ target }: { readonly target: EventTarget }) => target === scroller.current && up(),
    onScroll: () => {
      const element = scroller.current;
      if (element === null) return;
      const { scrollTop } = element;
      const isDown = scrollTop > last.current;
      last.current = scrollTop;
      if (put.current !== null && Math.abs(scrollTop - put.current) < 2) return;
      put.current = null;
      // A view that glides up begins near the end.
      if (isDown && element.scrollHeight - element.clientHeight - scrollTop < END_PX) setAway(false);
    },
  };
}

interface RowsProps {
  readonly log: LogQuery;
  readonly buffer: TailBuffer;
  readonly held: boolean;
  readonly setAway: (away: boolean) => void;
  readonly hold: (held: boolean) => void;
  readonly children: ReactNode;
}

function TailRows({ log, buffer, held, setAway, hold, children }: RowsProps) {
  const [zone] = useZone();
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const rows = buffer.shown;
  const toggle = (index: number): void => {
    const row = rows[index];
    if (row === undefined || !('line' in row)) return;
    const next = new Set(opened);
    if (!next.delete(row.id)) next.add(row.id);
    setOpened(next);
  };
  const list = useRowList({
    count: rows.length,
    heightPx: ROW_PX,
    layout: log.wrap,
    keyOf: (index) => rows[index]?.id ?? index,
    what: 'line',
    open: toggle,
  });
  // After the virtualizer, which puts a new list at its top.
  const follow = useFollow(
    list.scroller,
    { held, newest: rows.at(-1)?.id ?? -1, size: list.virtual.getTotalSize() },
    setAway,
  );
  useHotkeys([
    { keys: 'Escape', label: 'Close the opened lines', group: 'Lists', run: () => setOpened(new Set()) },
  ]);
  const wanted = opened.size > 0 || list.selected >= 0;
  useEffect(() => {
    hold(wanted);
    return () => hold(false);
  }, [hold, wanted]);
  return (
    <VirtualList
      {...follow}
      list={list}
      className={styles['list']}
      data-live={true}
      label="Log lines as they come, the newest last"
      steady={!held && !log.wrap}
      foot={children}
    >
      {(index) => {
        const row = rows[index];
        if (row === undefined) return null;
        if ('note' in row) return <p className={styles['note']}>{row.note}</p>;
        return (
          <Line
            line={row.line}
            open={opened.has(row.id)}
            selected={index === list.selected}
            wrap={log.wrap}
            withDay={false}
            zone={zone}
            toggle={() => toggle(index)}
            log={log}
            order="oldest first"
          />
        );
      }}
    </VirtualList>
  );
}

/** Lines as they become durable, the newest last; it follows them until the reader pauses, goes up, chooses or opens one. */
export function TailView({ log }: { readonly log: LogQuery }) {
  const { paused, setPaused } = useLive();
  const [away, setAway] = useState(false);
  const [reading, setReading] = useState(false);
  /** Opened and chosen rows are forgotten when the view goes on. */
  const [round, setRound] = useState(0);
  const held = paused || away || reading;
  const tail = useTail(log.query, held);
  const { buffer } = tail;
  const setHeld = (next: boolean): void => {
    if (paused !== next) setPaused(next);
    if (next) return;
    setAway(false);
    setReading(false);
    setRound((current) => current + 1);
  };
  useHotkeys([
    { keys: 'G', label: 'To the newest line, and on', group: 'Lists', run: () => setHeld(false) },
    { keys: 'End', label: 'To the newest line, and on', group: 'Lists', run: () => setHeld(false) },
  ]);
  const waiting = waitingOf(buffer);
  return (
    <section aria-label="Live tail">
      <TailBar tail={tail} held={held} setHeld={setHeld} />
      <div className={styles['results']}>
        <TailRows
          key={`${log.query} ${round}`}
          log={log}
          buffer={buffer}
          held={held}
          setAway={setAway}
          hold={setReading}
        >
          {buffer.shown.length === 0 && (
            <p className={styles['foot']}>
              No line yet: what matches from now on stands here as soon as it is stored.
            </p>
          )}
        </TailRows>
        {held && waiting > 0 && (
          <Button
            size="compact-sm"
            variant="default"
            className={styles['newer'] ?? ''}
            leftSection={<IconArrowDown size={14} />}
            onClick={() => setHeld(false)}
          >
            {count(waiting, 'more line')}: go on
          </Button>
        )}
      </div>
    </section>
  );
}

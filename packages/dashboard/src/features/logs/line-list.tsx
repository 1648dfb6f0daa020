import { useEffect, useState } from 'react';
import { useHotkeys } from '../../keys/hotkeys.tsx';
import { useZone } from '../../time/use-range.ts';
import { ErrorLine } from '../../ui/states.tsx';
import { useRowList } from '../../ui/use-row-list.ts';
import { VirtualList } from '../../ui/virtual-list.tsx';
import { Line } from './line.tsx';
import type { LogLine } from './lines.ts';
import styles from './logs.module.css';
import type { LogQuery } from './use-log-query.ts';
import { MOST_LINES, type useLines } from './use-logs.ts';

const ROW_PX = 24;
/** Older lines are asked for when this many are left below. */
const AHEAD = 60;
const DAY_MS = 86_400_000;

interface LineListProps {
  readonly log: LogQuery;
  readonly lines: readonly LogLine[];
  readonly found: ReturnType<typeof useLines>;
  /** The reader looks at something that must not move away. */
  readonly hold: (held: boolean) => void;
  readonly span: number;
}

function Foot({ found, count }: { readonly found: LineListProps['found']; readonly count: number }) {
  const { answer, cut } = found;
  if (answer.isFetchNextPageError) return <ErrorLine what="Older lines" error={answer.error} />;
  if (cut && count >= MOST_LINES / 2)
    return (
      <p>
        {count.toLocaleString('en')} lines are loaded, as many as the page holds. Drag over the chart or add a
        filter to see others.
      </p>
    );
  if (answer.hasNextPage) return <p>Loading older lines…</p>;
  return <p>These are all: there is no older line in this time range.</p>;
}

/** The lines in sight, of however many there are; older ones come as the reader goes down. */
export function LineList({ log, lines, found, hold, span }: LineListProps) {
  const [zone] = useZone();
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [away, setAway] = useState(false);
  const toggle = (index: number): void => {
    const key = lines[index]?.key;
    if (key === undefined) return;
    const next = new Set(opened);
    if (!next.delete(key)) next.add(key);
    setOpened(next);
  };
  const list = useRowList({
    count: lines.length,
    heightPx: ROW_PX,
    layout: log.wrap,
    keyOf: (index) => lines[index]?.key ?? index,
    overscan: 16,
    what: 'line',
    open: toggle,
  });
  useHotkeys([
    { keys: 'Escape', label: 'Close the opened lines', group: 'Lists', run: () => setOpened(new Set()) },
  ]);
  const held = away || opened.size > 0 || list.selected >= 0;
  useEffect(() => {
    hold(held);
    return () => hold(false);
  }, [hold, held]);

  const items = list.virtual.getVirtualItems();
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = found.answer;
  const near = (items.at(-1)?.index ?? 0) >= lines.length - AHEAD;
  const wanted = near && hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
  useEffect(() => {
    if (wanted) void fetchNextPage();
  }, [wanted, fetchNextPage]);

  return (
    <VirtualList
      list={list}
      className={styles['list']}
      label="Log lines, the newest first"
      onScroll={(event) => setAway(event.currentTarget.scrollTop > ROW_PX)}
      foot={
        <div className={styles['foot']}>
          <Foot found={found} count={lines.length} />
        </div>
      }
    >
      {(index) => {
        const line = lines[index];
        return line === undefined ? null : (
          <Line
            line={line}
            open={opened.has(line.key)}
            selected={index === list.selected}
            wrap={log.wrap}
            withDay={span > DAY_MS}
            zone={zone}
            toggle={() => toggle(index)}
            log={log}
            order="newest first"
          />
        );
      }}
    </VirtualList>
  );
}

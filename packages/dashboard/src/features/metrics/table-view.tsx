import { TextInput } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useDeferredValue, useMemo, useRef, useState } from 'react';
import type { HistogramValue, Vector } from '../../api/vector.ts';
import { IconArrowDown, IconSearch } from '../../ui/icons.ts';
import { Bone, Section } from '../../ui/states.tsx';
import table from '../../ui/table.module.css';
import styles from './explorer.module.css';

const ROW_HEIGHT = 32;
type Sort = 'given' | 'value' | 'name';

/** The rows to show: those whose name holds the words, in the order asked for. */
export function orderRows(vector: Vector, words: string, sort: Sort): number[] {
  const needle = words.trim().toLowerCase();
  const rows = vector.names.flatMap((name, row) => (name.toLowerCase().includes(needle) ? [row] : []));
  if (sort === 'given') return rows;
  const name = (row: number): string => vector.names[row] ?? '';
  const value = (row: number): number => Number((vector.values[row] ?? '').replace('Inf', 'Infinity'));
  if (sort === 'name') return rows.sort((a, b) => (name(a) < name(b) ? -1 : 1));
  return rows.sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return right - left || a - b;
  });
}

function histogramText({ count, sum, buckets }: HistogramValue): string {
  return `histogram: count ${count}, sum ${sum}, ${buckets.length} buckets`;
}

function bucketsText({ buckets }: HistogramValue): string {
  return buckets.map(({ low, high, count }) => `${low} to ${high}: ${count}`).join('\n');
}

export interface TableViewProps {
  readonly letter: string;
  readonly vector: Vector | undefined;
  readonly loading: boolean;
}

/** The answer at one instant, each value as the server wrote it. */
export function TableView({ letter, vector, loading }: TableViewProps) {
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<Sort>('given');
  const words = useDeferredValue(search);
  const rows = useMemo(
    () => (vector === undefined ? [] : orderRows(vector, words, sort)),
    [vector, words, sort],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  if (vector === undefined) return loading ? <Bone height={160} /> : null;
  const all = vector.names.length.toLocaleString('en');
  const note =
    rows.length === vector.names.length
      ? `${all} rows`
      : `${rows.length.toLocaleString('en')} of ${all} rows`;
  return (
    <Section
      title={`${letter}: ${vector.type}`}
      note={note}
      actions={
        vector.names.length > 1 && (
          <TextInput
            size="xs"
            aria-label={`Find rows of ${letter}`}
            placeholder="Find rows"
            leftSection={<IconSearch size={14} />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        )
      }
    >
      {vector.names.length === 0 ? (
        <p className={styles['quiet']}>
          Nothing has a value at this time. A series is looked for up to 5 minutes back; an older one shows in
          the graph of a longer range.
        </p>
      ) : (
        <div
          ref={scroller}
          className={table['virtual']}
          style={{ maxHeight: 480 }}
          tabIndex={0}
          role="region"
          aria-label={`Values of ${letter}`}
        >
          <div className={`${table['vHead']} ${styles['rowColumns']}`}>
            <button
              type="button"
              aria-pressed={sort === 'name'}
              onClick={() => setSort(sort === 'name' ? 'given' : 'name')}
            >
              Series {sort === 'name' && <IconArrowDown size={12} aria-hidden />}
            </button>
            <button
              type="button"
              className={styles['vHeadRight']}
              aria-pressed={sort === 'value'}
              onClick={() => setSort(sort === 'value' ? 'given' : 'value')}
            >
              Value {sort === 'value' && <IconArrowDown size={12} aria-hidden />}
            </button>
          </div>
          <div className={table['vBody']} style={{ height: virtual.getTotalSize() }} role="list">
            {virtual.getVirtualItems().map((item) => {
              const row = rows[item.index] ?? 0;
              const histogram = vector.histograms.get(row);
              const samples = vector.type === 'matrix' ? ` (last of ${vector.samples[row]} samples)` : '';
              return (
                <div
                  key={row}
                  role="listitem"
                  className={`${table['vRow']} ${styles['rowColumns']}`}
                  style={{ transform: `translateY(${item.start}px)`, height: item.size }}
                >
                  <span className={`${styles['mono']} ${styles['cut']}`} title={vector.names[row]}>
                    {vector.names[row]}
                  </span>
                  <span
                    className={styles['value']}
                    title={histogram === undefined ? '' : bucketsText(histogram)}
                  >
                    {histogram === undefined ? `${vector.values[row]}${samples}` : histogramText(histogram)}
                  </span>
                </div>
              );
            })}
          </div>
        </div>
      )}
    </Section>
  );
}

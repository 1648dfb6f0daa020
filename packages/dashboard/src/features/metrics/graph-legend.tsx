import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { formatValue } from '../../ui/format.ts';
import { IconArrowDown } from '../../ui/icons.ts';
import table from '../../ui/table.module.css';
import styles from './explorer.module.css';
import { type ExplorerRow, type LegendSort, sortLegend } from './legend-rows.ts';

const ROW_HEIGHT = 28;
const COLUMNS: readonly { readonly by: Exclude<LegendSort, 'name'>; readonly label: string }[] = [
  { by: 'last', label: 'Last' },
  { by: 'min', label: 'Min' },
  { by: 'avg', label: 'Mean' },
  { by: 'max', label: 'Max' },
];

export interface GraphLegendProps {
  readonly rows: readonly ExplorerRow[];
  /** Colours of the drawn series by name; the others are listed only. */
  readonly colors: ReadonlyMap<string, string>;
  readonly isolated: string | null;
  readonly onIsolate: (name: string) => void;
}

/** Every series with its figures over the range; pressing one shows it alone, drawn or not before. */
export function GraphLegend({ rows, colors, isolated, onIsolate }: GraphLegendProps) {
  const [by, setBy] = useState<LegendSort>('last');
  const sorted = useMemo(() => sortLegend(rows, by), [rows, by]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
  });
  const head = (column: LegendSort, label: string, className = '') => (
    <button
      key={column}
      type="button"
      className={className}
      aria-pressed={by === column}
      onClick={() => setBy(column)}
    >
      {label}
      {by === column && <IconArrowDown size={12} aria-hidden />}
    </button>
  );
  return (
    <div
      ref={scroller}
      className={`${table['virtual']} ${styles['legend']}`}
      tabIndex={0}
      role="region"
      aria-label="Series in the graph"
    >
      <div className={`${table['vHead']} ${styles['legendColumns']}`}>
        <span />
        {head('name', 'Series')}
        {COLUMNS.map(({ by: column, label }) => head(column, label, styles['vHeadRight']))}
      </div>
      <div className={table['vBody']} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = sorted[item.index];
          if (row === undefined) return null;
          return (
            <button
              key={row.name}
              type="button"
              className={`${styles['legendRow']} ${table['vRow']} ${styles['legendColumns']}`}
              style={{ transform: `translateY(${item.start}px)`, height: item.size }}
              aria-pressed={isolated === row.name}
              title={row.name}
              onClick={() => onIsolate(row.name)}
            >
              <span className={styles['swatch']} style={{ background: colors.get(row.name) }} />
              <span className={`${styles['mono']} ${styles['cut']}`}>{row.name}</span>
              {COLUMNS.map(({ by: column }) => (
                <span key={column} className={`num ${styles['right']}`}>
                  {formatValue(row[column], 'number')}
                </span>
              ))}
            </button>
          );
        })}
      </div>
    </div>
  );
}

import { formatValue, type Unit } from '../format.ts';
import styles from './chart.module.css';
import { lastValue, type SeriesRow } from './select.ts';

export interface LegendProps {
  readonly rows: readonly SeriesRow[];
  readonly colors: readonly string[];
  readonly unit: Unit;
  /** The index under the crosshair; null shows the last values. */
  readonly at: number | null;
  readonly isolated: string | null;
  readonly onIsolate: (name: string) => void;
}

/** Names and values under the chart: at the crosshair while there is one, so that no tooltip hides the curves. */
export function Legend({ rows, colors, unit, at, isolated, onIsolate }: LegendProps) {
  return (
    <ul className={styles['legend']}>
      {rows.map((row, index) => (
        <li key={row.name}>
          <button
            type="button"
            data-quiet={isolated !== null && isolated !== row.name}
            aria-pressed={isolated === row.name}
            title={isolated === row.name ? 'Show all series' : `Show only ${row.name}`}
            onClick={() => onIsolate(row.name)}
          >
            <span style={{ background: colors[index] }} aria-hidden />
            <span className={styles['name']}>{row.name}</span>
            <span className={`${styles['value']} num`}>
              {formatValue(at === null ? lastValue(row.values) : (row.values[at] ?? null), unit)}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

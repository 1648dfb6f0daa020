import { formatValue } from '../../ui/format.ts';
import styles from './cardinality.module.css';

export interface Bar {
  readonly label: string;
  readonly total: number;
  /** The part of it that is new. */
  readonly fresh: number;
}

/** Columns over time, the new part hatched; each says its figures when it is pointed at or read out. */
export function Bars({ bars, name }: { readonly bars: readonly Bar[]; readonly name: string }) {
  const most = Math.max(1, ...bars.map(({ total }) => total));
  return (
    <>
      <ul className={styles['bars']} aria-label={name}>
        {bars.map(({ label, total, fresh }) => {
          const words = `${label}: ${total.toLocaleString('en')} series, ${fresh.toLocaleString('en')} new`;
          return (
            <li key={label} title={words}>
              <span className="sr-only">{words}</span>
              <i data-fresh style={{ height: `${(100 * fresh) / most}%` }} />
              <i style={{ height: `${(100 * (total - fresh)) / most}%` }} />
            </li>
          );
        })}
      </ul>
      <div className={styles['ends']}>
        <span>{bars[0]?.label}</span>
        <span>at most {formatValue(most, 'count')}</span>
        <span>{bars.at(-1)?.label}</span>
      </div>
    </>
  );
}

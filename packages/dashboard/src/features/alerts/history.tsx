import type { TimeRange } from '../../time/range.ts';
import { useTimeRange, useZone } from '../../time/use-range.ts';
import { formatClock, formatDuration } from '../../ui/format.ts';
import { ErrorLine, Section } from '../../ui/states.tsx';
import styles from './alerts.module.css';
import { useCurve } from './rule-chart.tsx';
import { type AlertSpan, spansOf } from './spans.ts';

const MOST_SHOWN = 12;

/** "fired 3 times, for 12 min in all" */
function verdict(spans: readonly AlertSpan[]): string {
  const fired = spans.filter(({ state }) => state === 'firing');
  if (fired.length === 0) return 'it did not fire in this time range';
  const lasted = fired.reduce((sum, { from, to }) => sum + to - from, 0);
  return `it fired ${fired.length === 1 ? 'once' : `${fired.length} times`}, for ${formatDuration(lasted)} in all`;
}

/** When an alert was pending and fired, over the page's time range unless another is given. */
export function History({ query, over }: { readonly query: string; readonly over?: TimeRange }) {
  const [chosen] = useTimeRange();
  const range = over ?? chosen;
  const [zone] = useZone();
  const { data, error, dataUpdatedAt } = useCurve(query, range);
  const spans = data === undefined ? [] : spansOf(data);
  const shown = spans.toReversed().slice(0, MOST_SHOWN);
  return (
    <Section title="History" note={data === undefined ? '' : verdict(spans)}>
      {error !== null && <ErrorLine what="Its history" error={error} />}
      <ol className={styles['plain']}>
        {shown.map(({ state, from, to }) => (
          <li key={`${state} ${from}`} className={styles['span']} data-state={state}>
            <span className={styles['state']} data-state={state} data-loudness="critical">
              {state}
            </span>
            <span className="num">
              {formatClock(from, dataUpdatedAt, zone, true)} – {formatClock(to, dataUpdatedAt, zone, true)}
            </span>
            <span className={styles['quiet']}>{formatDuration(to - from)}</span>
          </li>
        ))}
      </ol>
      {spans.length > shown.length && (
        <p className={styles['quiet']}>
          {spans.length - shown.length} older ones are not listed: choose a shorter time range.
        </p>
      )}
    </Section>
  );
}

import { SegmentedControl } from '@mantine/core';
import { useMemo } from 'react';
import { rowOf } from '../../../api/matrix.ts';
import type { TimeRange } from '../../../time/range.ts';
import { useZone } from '../../../time/use-range.ts';
import { TimeSeriesChart } from '../../../ui/chart/time-series-chart.tsx';
import { formatDuration, withClocks } from '../../../ui/format.ts';
import { Bone, ErrorLine, Section } from '../../../ui/states.tsx';
import { useCurve } from '../rule-chart.tsx';
import type { BackTest } from './contracts.ts';
import styles from './editor.module.css';
import { Comparison, Firings, Listeners } from './firings.tsx';
import { Lanes } from './lanes.tsx';
import { adviceOf, drawnOf, firingSpans, verdictOf } from './words.ts';

const WINDOWS = ['1h', '24h', '7d'] as const;
export type Window = (typeof WINDOWS)[number];

/** The curve of the condition with its limit, and when anything would have fired. */
function Curve({ test }: { readonly test: BackTest }) {
  const { start, end, note } = useMemo(() => drawnOf(test), [test]);
  const range = useMemo<TimeRange>(() => ({ kind: 'absolute', from: start, to: end }), [start, end]);
  const { query, threshold, language } = test.chart;
  const curve = useCurve(query, range, language);
  const rows = useMemo(() => {
    const matrix = curve.data;
    return (matrix?.names ?? []).map((name, index) => ({
      name,
      values: matrix === undefined ? [] : rowOf(matrix, index),
    }));
  }, [curve.data]);
  const bands = useMemo(
    () => firingSpans(test).map((span) => ({ ...span, status: 'unhealthy' as const })),
    [test],
  );
  const thresholds = useMemo(
    () =>
      threshold === null ? [] : [{ value: threshold.value, label: `${threshold.op} ${threshold.value}` }],
    [threshold],
  );
  const fires =
    threshold === null
      ? 'fires where there is a value'
      : `fires where it is ${threshold.op} ${threshold.value}`;
  return (
    <>
      {curve.error !== null && <ErrorLine what="Its curve" error={curve.error} />}
      <TimeSeriesChart
        title="Its condition"
        note={note === '' ? fires : `${fires}; ${note}`}
        unit="number"
        times={curve.data?.times ?? []}
        rows={rows}
        range={range}
        asOf={test.end}
        loading={curve.isLoading}
        bands={bands}
        thresholds={thresholds}
        height={180}
      />
    </>
  );
}

export interface TrialViewProps {
  readonly test: BackTest | undefined;
  readonly error: Error | null;
  readonly isFetching: boolean;
  readonly window: Window;
  readonly setWindow: (window: Window) => void;
  /** Of the rule that it is compared with. */
  readonly comparedWith: string;
  /** Why nothing is asked, in words; null while it is. */
  readonly waiting: string | null;
}

/** What the rule that is being written would have done. */
export function TrialView({
  test,
  error,
  isFetching,
  window,
  setWindow,
  comparedWith,
  waiting,
}: TrialViewProps) {
  const [zone] = useZone();
  return (
    <Section
      title="Back-test"
      note={isFetching ? 'looking…' : 'with every change, before anything is saved'}
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Time to look at"
          data={WINDOWS.map((value) => ({ value, label: `Last ${value}` }))}
          value={window}
          onChange={(next) => setWindow(WINDOWS.find((one) => one === next) ?? window)}
        />
      }
    >
      {waiting !== null && <p className={styles['quiet']}>{waiting}</p>}
      {waiting === null && error !== null && (
        <p className={styles['wrong']} role="alert">
          {error.message}
        </p>
      )}
      {waiting === null && error === null && test === undefined && <Bone height={320} />}
      {waiting === null && error === null && test !== undefined && (
        <>
          <div aria-live="polite" className={styles['verdict']}>
            <p className={styles['said']}>{verdictOf(test)}</p>
            {adviceOf(test.totals, test.covered_ms).map((text) => (
              <p key={text}>{text}</p>
            ))}
            {test.failed.first !== null && (
              <p className={styles['wrong']}>
                {test.failed.count.toLocaleString('en')} of {test.evaluations.toLocaleString('en')}{' '}
                evaluations would have failed: {test.failed.first.reason}
              </p>
            )}
            {test.warnings.map((text) => (
              <p key={text} className={styles['quiet']}>
                {withClocks(text, test.end, zone)}
              </p>
            ))}
            <p className={styles['quiet']}>
              {test.evaluations.toLocaleString('en')} evaluations, every {formatDuration(test.interval_ms)}
            </p>
          </div>
          <Curve test={test} />
          <Lanes test={test} />
          <Comparison test={test} name={comparedWith} />
          <Firings test={test} />
          <Listeners test={test} />
        </>
      )}
    </Section>
  );
}

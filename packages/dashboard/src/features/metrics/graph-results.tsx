import { useMemo } from 'react';
import type { TimeRange } from '../../time/range.ts';
import { useExemplars } from '../../ui/exemplars/use-exemplars.ts';
import { ErrorLine } from '../../ui/states.tsx';
import styles from './explorer.module.css';
import { GraphView } from './graph-view.tsx';
import { Marked, useMark } from './marked.tsx';
import { DEFAULT_TOP, type ExplorerSearch, letterOf } from './search.ts';
import { type Active, type RangeResult, rowsOf } from './use-results.ts';

export interface GraphResultsProps {
  readonly active: readonly Active[];
  readonly results: readonly RangeResult[];
  readonly range: TimeRange;
  readonly search: ExplorerSearch;
}

/** The answers of all queries in one graph, with their exemplars. */
export function GraphResults({ active, results, range, search }: GraphResultsProps) {
  const exemplars = useExemplars(
    active.map(({ text }) => text),
    range,
    search.ex === true,
  );
  const stamp = results.map(({ dataUpdatedAt, data }) => `${dataUpdatedAt}${data === undefined}`).join(' ');
  const mark = useMark(search);
  const letters = active.map(({ index }) => letterOf(index));
  const { times, rows } = useMemo(
    () => rowsOf(results, letters),
    // `stamp` and the letters say all that the rows are made of.
    [stamp, letters.join('')],
  );
  const asOf = Math.max(0, ...results.map(({ dataUpdatedAt }) => dataUpdatedAt)) || Date.now();
  const histograms = results.reduce((sum, { data }) => sum + (data?.matrix.histograms ?? 0), 0);
  return (
    <>
      {histograms > 0 && (
        <p className={styles['quiet']}>
          {histograms === 1
            ? 'One series is a native histogram'
            : `${histograms.toLocaleString('en')} series are native histograms`}
          , drawn as median, p95 and p99: ask for others with histogram_quantile. The table shows the buckets.
        </p>
      )}
      {mark !== null && <Marked mark={mark} />}
      {exemplars.error !== null && <ErrorLine what="Exemplars" error={exemplars.error} />}
      {exemplars.settled && exemplars.error === null && exemplars.dots.length === 0 && (
        <p className={styles['quiet']}>The metrics of these queries have no exemplars in this time range.</p>
      )}
      <GraphView
        times={times}
        rows={rows}
        range={range}
        asOf={asOf}
        loading={rows.length === 0 && results.some(({ isLoading }) => isLoading)}
        stacked={search.stack === true}
        top={search.top ?? DEFAULT_TOP}
        exemplars={exemplars.dots}
        mark={mark}
      />
    </>
  );
}

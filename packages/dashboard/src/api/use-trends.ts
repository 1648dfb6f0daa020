import { useMemo } from 'react';
import { useTimeRange } from '../time/use-range.ts';
import type { ServicePerformance, SparklineData } from './contracts.ts';
import { usePerformance } from './queries.ts';

/** As many points as a sparkline can show. */
const POINTS = 60;

function thinned(values: readonly (number | null)[]): (number | null)[] {
  const every = Math.max(1, Math.ceil(values.length / POINTS));
  // Counted from the end, so that the newest value is always there.
  return values.filter((_, index) => (values.length - 1 - index) % every === 0);
}

/** The trend of one service over the page's time range, thinned for a sparkline; null without data. */
export function trendOf(performance: ServicePerformance): SparklineData | null {
  const { throughput, errors, percentiles } = performance;
  if (throughput == null) return null;
  return {
    start: throughput.start,
    step: throughput.step,
    requestRate: thinned(throughput.values),
    errorRatio: thinned(errors?.values ?? []),
    p95: thinned(percentiles?.p95 ?? []),
  };
}

/** Trends by service over the page's time range: the same answer that draws the charts. */
export function useTrends(): ReadonlyMap<string, SparklineData> {
  const [range] = useTimeRange();
  const { data } = usePerformance(undefined, range);
  return useMemo(() => {
    const trends = new Map<string, SparklineData>();
    for (const service of data?.services ?? []) {
      const trend = trendOf(service);
      if (trend !== null) trends.set(service.name, trend);
    }
    return trends;
  }, [data]);
}

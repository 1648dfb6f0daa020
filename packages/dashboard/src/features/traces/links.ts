import type { RangeSearch } from '../../time/range.ts';
import type { Trace } from './model/trace.ts';

const AROUND_MS = 60_000;

/** Search parameters of the logs page: the lines of a trace, or of one of its services, around its time. */
export function logsOfTrace({ id, startNs, duration }: Pick<Trace, 'id' | 'startNs' | 'duration'>) {
  const at = Number(startNs / 1_000_000n);
  return {
    q: `{service_name=~".+"} | trace_id=${JSON.stringify(id)}`,
    range: undefined,
    from: at - AROUND_MS,
    to: Math.ceil(at + duration / 1e6) + AROUND_MS,
  };
}

/** A label's value as it stands in PromQL. */
function quoted(value: string): string {
  return JSON.stringify(value);
}

/** Search parameters of the explorer: rate, failures and duration of one operation, from the metrics of spans. */
export function metricsOfOperation(service: string, operation: string) {
  const own = `service_name=${quoted(service)}, span_name=${quoted(operation)}`;
  return {
    q: [
      `sum(rate(traces_span_metrics_calls_total{${own}}[5m]))`,
      `sum(rate(traces_span_metrics_calls_total{${own}, status_code="STATUS_CODE_ERROR"}[5m]))`,
      `histogram_quantile(0.95, sum by (le) (rate(traces_span_metrics_duration_seconds_bucket{${own}}[5m])))`,
    ],
    ex: true as const,
  };
}

/** What every link within these pages keeps of the URL: the time range and the zone. */
export function timeOf({ tz, range, from, to }: RangeSearch): RangeSearch {
  return { tz, range, from, to };
}

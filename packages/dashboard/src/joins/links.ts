import { DEFAULT_RANGE_SECONDS } from '../time/range.ts';

/** A request as its trace tells of it. */
export interface TracedRequest {
  readonly traceId: string;
  /** Of the root: whose operation was asked for. */
  readonly service: string;
  readonly operation: string;
  /** When it began, epoch ms. */
  readonly at: number;
  readonly durationMs: number;
}

/** Clocks of hosts differ, and what is late is logged late. */
const LOGS_AROUND_MS = 60_000;
const METRICS_AROUND_MS = 600_000;
/** What is younger than this stands in the range of now, which goes on by itself: its metrics may still be on their way. */
const RECENT_MS = (DEFAULT_RANGE_SECONDS * 1000 * 2) / 3;

const quoted = (text: string): string => JSON.stringify(text);

/** LogQL: what every service wrote with a trace's id. */
function linesOfTrace(traceId: string): string {
  return `{service_name=~".+"} | trace_id=${quoted(traceId)}`;
}

/** LogQL: what every service wrote for a request. */
export function linesOfRequest(requestId: string): string {
  return `{service_name=~".+"} | request_id=${quoted(requestId)}`;
}

/** Search parameters of the logs page: the lines of all services of a trace, around its time. */
export function logsOfTrace({
  traceId,
  at,
  durationMs,
}: Pick<TracedRequest, 'traceId' | 'at' | 'durationMs'>) {
  return {
    q: linesOfTrace(traceId),
    range: undefined,
    from: Math.floor(at) - LOGS_AROUND_MS,
    to: Math.ceil(at + durationMs) + LOGS_AROUND_MS,
  };
}

/** The range of metrics in which an instant is seen with what was before and after it. */
function around(at: number, now: number) {
  return now - at < RECENT_MS
    ? { range: undefined, from: undefined, to: undefined }
    : { range: undefined, from: Math.floor(at) - METRICS_AROUND_MS, to: Math.ceil(at) + METRICS_AROUND_MS };
}

/** Search parameters of the explorer that mark a request in its graphs, and bring its exemplar. */
function marked({ traceId, at }: Pick<TracedRequest, 'traceId' | 'at'>, now: number) {
  return { ...around(at, now), ex: true as const, mark: Math.round(at), trace: traceId };
}

/** Search parameters of the explorer: rate, failures and duration of a request's operation, from the metrics of spans. */
export function metricsOfRequest(request: Omit<TracedRequest, 'durationMs'>, now: number) {
  const own = `service_name=${quoted(request.service)}, span_name=${quoted(request.operation)}`;
  return {
    q: [
      `sum(rate(traces_span_metrics_calls_total{${own}}[5m]))`,
      `sum(rate(traces_span_metrics_calls_total{${own}, status_code="STATUS_CODE_ERROR"}[5m]))`,
      `histogram_quantile(0.95, sum by (le) (rate(traces_span_metrics_duration_seconds_bucket{${own}}[5m])))`,
    ],
    ...marked(request, now),
  };
}

/** LogQL: what a service wrote. */
export function linesOfService(service: string): string {
  return `{service_name=${quoted(service)}}`;
}

/** Labels that name a service, as Pharos resolves it; of a call between two the called one. */
const SERVICE_LABELS = ['service', 'service_name', 'server', 'source', 'job'];

/** The service that a series names in its labels, as they are written behind its name; null where none does. */
export function serviceOfSeries(series: string): string | null {
  const labels = new Map<string, string>();
  for (const [, label = '', value = ''] of series.matchAll(/([\w.]+)="((?:[^"\\]|\\.)*)"/g))
    labels.set(label, value.replaceAll(/\\(.)/g, '$1'));
  for (const label of SERVICE_LABELS) {
    const value = labels.get(label);
    if (value !== undefined && value !== '') return value;
  }
  return null;
}

/** The least time around a point of a curve in which its traces are looked for. */
const LEAST_AROUND_MS = 30_000;

/** The time that a point of a curve tells of, as search parameters: its step, and what is counted late. */
export function aroundPoint({ at, step }: { readonly at: number; readonly step: number }) {
  const around = Math.max(LEAST_AROUND_MS, step);
  return { range: undefined, from: Math.floor(at - around), to: Math.ceil(at + LEAST_AROUND_MS) };
}

/** PromQL: what a service answers, by operation, from the metrics of its spans. */
export function metricsOfService(service: string): string[] {
  const own = `service_name=${quoted(service)}, span_kind=~"SPAN_KIND_(SERVER|CONSUMER)"`;
  return [
    `sum by (span_name) (rate(traces_span_metrics_calls_total{${own}}[5m]))`,
    `sum by (span_name) (rate(traces_span_metrics_calls_total{${own}, status_code="STATUS_CODE_ERROR"}[5m]))`,
    `histogram_quantile(0.95, sum by (le) (rate(traces_span_metrics_duration_seconds_bucket{${own}}[5m])))`,
  ];
}

/** Search parameters of the explorer: what a service answered when it wrote a line for a request. */
export function metricsOfLine(
  { service, ...request }: Pick<TracedRequest, 'traceId' | 'service' | 'at'>,
  now: number,
) {
  return { q: metricsOfService(service), ...marked(request, now) };
}

import { Gauge, type Registry } from 'prom-client';
import { type Series, SeriesCounter, SeriesHistogram } from './series.ts';

/** Route label of requests that no route of the application took. */
export const UNMATCHED_ROUTE = 'unmatched';
/** Route label of routes beyond the limit. */
export const OVERFLOW_ROUTE = 'overflow';

const METHODS: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
]);

/** Routes one service may name; an application that builds templates from data must not fill its memory with them. */
const MAX_ROUTES = 500;

export const DEFAULT_BUCKETS_SECONDS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

const LABELS = ['method', 'route', 'path', 'status'] as const;

export interface HttpMetrics {
  started(service: string): void;
  finished(request: FinishedRequest): void;
}

interface FinishedRequest {
  readonly service: string;
  readonly method: string;
  /** The route template; undefined when none matched. */
  readonly route: string | undefined;
  readonly status: number;
  readonly seconds: number;
}

/** The request metrics; `route` and `path` both carry the template, so that queries written for either work. */
export function httpMetrics(registry: Registry, bucketsSeconds: readonly number[]): HttpMetrics {
  const all = new Map<string, Series>();
  const common = { labelNames: LABELS, registry, series: () => all.values() };
  new SeriesCounter({
    ...common,
    name: 'http_requests_total',
    help: 'Requests answered, by method, route template and status.',
  });
  new SeriesHistogram({
    ...common,
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer, in seconds.',
    bounds: bucketsSeconds,
    scale: 1,
  });
  new SeriesHistogram({
    ...common,
    name: 'response_time_ms',
    help: 'The same time as http_request_duration_seconds, in milliseconds.',
    bounds: bucketsSeconds,
    scale: 1_000,
  });
  const active = activeConnections(registry);
  const routes = new Set<string>();
  const bounded = (route: string | undefined): string => {
    if (route === undefined) return UNMATCHED_ROUTE;
    if (routes.has(route)) return route;
    if (routes.size >= MAX_ROUTES) return OVERFLOW_ROUTE;
    routes.add(route);
    return route;
  };
  const seriesOf = (request: FinishedRequest): Series => {
    const method = methodLabel(request.method);
    const route = bounded(request.route);
    const key = `${method} ${request.status} ${route}`;
    const known = all.get(key);
    if (known !== undefined) return known;
    const labels = { method, route, path: route, status: request.status };
    const fresh = {
      labels,
      buckets: Array.from({ length: bucketsSeconds.length + 1 }, () => 0),
      count: 0,
      sum: 0,
    };
    all.set(key, fresh);
    return fresh;
  };
  return {
    started: (service) => active.add(service, 1),
    finished: (request) => {
      active.add(request.service, -1);
      const series = seriesOf(request);
      series.count++;
      series.sum += request.seconds;
      let bucket = 0;
      while (request.seconds > (bucketsSeconds[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
      series.buckets[bucket] = (series.buckets[bucket] ?? 0) + 1;
    },
  };
}

function activeConnections(registry: Registry): { add(service: string, change: number): void } {
  const counts = new Map<string, number>();
  new Gauge({
    name: 'active_connections',
    help: 'Requests being answered now.',
    labelNames: ['service'],
    registers: [registry],
    collect() {
      for (const [service, count] of counts) this.set({ service }, count);
    },
  });
  return { add: (service, change) => counts.set(service, (counts.get(service) ?? 0) + change) };
}

/** A standard method, or OTHER: clients choose methods, and labels must stay few. */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : 'OTHER';
}

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

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

export interface FinishedRequest {
  readonly service: string;
  readonly method: string;
  /** The route template; undefined when none matched. */
  readonly route: string | undefined;
  readonly status: number;
  readonly seconds: number;
}

/** The request metrics of SPEC's SDK; `route` and `path` both carry the template, so that queries written for either work. */
export function httpMetrics(registry: Registry, bucketsSeconds: readonly number[]): HttpMetrics {
  const registers = [registry];
  const total = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered, by method, route template and status.',
    labelNames: LABELS,
    registers,
  });
  const seconds = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last of its answer, in seconds.',
    labelNames: LABELS,
    buckets: [...bucketsSeconds],
    registers,
  });
  const milliseconds = new Histogram({
    name: 'response_time_ms',
    help: 'The same time as http_request_duration_seconds, in milliseconds.',
    labelNames: LABELS,
    buckets: bucketsSeconds.map((bound) => Number((bound * 1_000).toPrecision(12))),
    registers,
  });
  const active = new Gauge({
    name: 'active_connections',
    help: 'Requests being answered now.',
    labelNames: ['service'],
    registers,
  });
  const routes = new Set<string>();
  const bounded = (route: string | undefined): string => {
    if (route === undefined) return UNMATCHED_ROUTE;
    if (routes.has(route)) return route;
    if (routes.size >= MAX_ROUTES) return OVERFLOW_ROUTE;
    routes.add(route);
    return route;
  };
  return {
    started: (service) => active.inc({ service }),
    finished: (request) => {
      active.dec({ service: request.service });
      const route = bounded(request.route);
      const labels = { method: methodLabel(request.method), route, path: route, status: request.status };
      total.inc(labels);
      seconds.observe(labels, request.seconds);
      milliseconds.observe(labels, request.seconds * 1_000);
    },
  };
}

/** A standard method, or OTHER: clients choose methods, and labels must stay few. */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : 'OTHER';
}

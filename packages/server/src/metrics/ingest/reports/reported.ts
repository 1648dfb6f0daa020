import { Labels, METRIC_NAME } from '@pharos/promql';
import type { MetricMetadata, SeriesRef } from '../../sink.ts';
import { canonicalFloatText } from '../exposition/float.ts';
import { reportErrors } from './errors.ts';

export const REPORT_STATUSES = ['healthy', 'degraded', 'unhealthy', 'down'] as const;
export type ReportStatus = (typeof REPORT_STATUSES)[number];

/** One request that a service reports. Duration in seconds. */
export interface HttpReport {
  readonly method: string;
  readonly route: string;
  readonly status: string;
  readonly duration: number;
  readonly service?: string | undefined;
}

/** One series of the aggregates; `value` changes in place. */
export interface ReportedSeries {
  readonly family: ReportedFamily;
  readonly name: string;
  /** Without the metric name, job and instance. */
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** What is stored: with name, `job` (the service, or `reports`) and `instance` (`reported`). */
  readonly stored: Labels;
  value: number;
  /** The store's number for it; -1 until resolved. */
  ref: SeriesRef;
}

export type ReportedFamily = keyof typeof REPORTED_FAMILIES;

/** The metrics that reports feed, under the names the SDK uses too. */
export const REPORTED_FAMILIES = {
  service_health_status: {
    type: 'gauge',
    help: '1 when the service is healthy or degraded, 0 when it is unhealthy or down; no sample when unknown.',
  },
  service_health_state: { type: 'gauge', help: '1 for the exact state of the service, 0 for the others.' },
  http_requests_total: {
    type: 'counter',
    help: 'Requests answered, by method, route template and status.',
  },
  http_request_duration_seconds: {
    type: 'histogram',
    help: 'Time to answer a request, in seconds.',
  },
  response_time_ms: {
    type: 'histogram',
    help: 'The same time as http_request_duration_seconds, in milliseconds.',
  },
  active_users_total: { type: 'gauge', help: 'Users active now.' },
} as const satisfies Readonly<Record<string, Pick<MetricMetadata, 'type' | 'help'>>>;

/** A health report counts for this long; then the service's state is unknown and its series end. */
const HEALTH_EXPIRY_MS = 90_000;

const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Label combinations of requests, and services, kept per tenant: reports come from anyone who can reach the API. */
const MAX_HTTP_COMBINATIONS = 2_000;
export const MAX_SERVICES = 1_000;

interface Health {
  readonly status: ReportedSeries;
  readonly states: readonly ReportedSeries[];
  at: number;
}

interface Histogram {
  readonly bounds: readonly number[];
  readonly buckets: readonly ReportedSeries[];
  readonly sum: ReportedSeries;
  readonly count: ReportedSeries;
}

interface Http {
  readonly requests: ReportedSeries;
  readonly seconds: Histogram;
  readonly milliseconds: Histogram;
}

/** What one tenant's services reported, aggregated as a metrics library in the service would. */
export class ReportedMetrics {
  readonly #health = new Map<string, Health>();
  readonly #http = new Map<string, Http>();
  readonly #users = new Map<string, ReportedSeries>();

  /** Throws `reports.too_many` when the service is one too many. */
  health(service: string, status: ReportStatus, at: number): void {
    let known = this.#health.get(service);
    if (known === undefined) {
      full('services', this.#health.size, MAX_SERVICES);
      known = {
        status: series('service_health_status', '', [['service', service]]),
        states: REPORT_STATUSES.map((state) =>
          series('service_health_state', '', [
            ['service', service],
            ['state', state],
          ]),
        ),
        at,
      };
      this.#health.set(service, known);
    }
    known.at = at;
    known.status.value = status === 'healthy' || status === 'degraded' ? 1 : 0;
    REPORT_STATUSES.forEach((state, i) => {
      const one = known.states[i];
      if (one !== undefined) one.value = state === status ? 1 : 0;
    });
  }

  http(report: HttpReport): void {
    const key = [report.method, report.route, report.status, report.service ?? ''].join('\u0000');
    let known = this.#http.get(key);
    if (known === undefined) {
      full('method, route, status and service combinations', this.#http.size, MAX_HTTP_COMBINATIONS);
      known = createHttp(report);
      this.#http.set(key, known);
    }
    known.requests.value++;
    observe(known.seconds, report.duration);
    observe(known.milliseconds, report.duration * 1000);
  }

  users(count: number, service: string | undefined): void {
    const key = service ?? '';
    let known = this.#users.get(key);
    if (known === undefined) {
      full('services', this.#users.size, MAX_SERVICES);
      known = series('active_users_total', '', serviceLabel(service));
      this.#users.set(key, known);
    }
    known.value = count;
  }

  /** Takes out the health of services whose last report is too old; its series end. */
  expire(now: number): ReportedSeries[] {
    const ended: ReportedSeries[] = [];
    for (const [service, { status, states, at }] of this.#health) {
      if (now - at <= HEALTH_EXPIRY_MS) continue;
      this.#health.delete(service);
      ended.push(status, ...states);
    }
    return ended;
  }

  /** All series, family by family. */
  *series(): Generator<ReportedSeries> {
    for (const { status } of this.#health.values()) yield status;
    for (const { states } of this.#health.values()) yield* states;
    for (const { requests } of this.#http.values()) yield requests;
    for (const { seconds } of this.#http.values()) yield* histogramSeries(seconds);
    for (const { milliseconds } of this.#http.values()) yield* histogramSeries(milliseconds);
    yield* this.#users.values();
  }
}

function full(what: string, count: number, limit: number): void {
  if (count >= limit) {
    throw reportErrors.make('too_many', `more than ${limit} ${what} were reported; this one is not counted`);
  }
}

function serviceLabel(service: string | undefined): [string, string][] {
  return service === undefined ? [] : [['service', service]];
}

function createHttp(report: HttpReport): Http {
  const labels: [string, string][] = [
    ['method', report.method],
    ['path', report.route],
    ['route', report.route],
    ...serviceLabel(report.service),
    ['status', report.status],
  ];
  return {
    requests: series('http_requests_total', '', labels),
    seconds: histogram('http_request_duration_seconds', labels, BUCKETS_SECONDS),
    milliseconds: histogram(
      'response_time_ms',
      labels,
      BUCKETS_SECONDS.map((bound) => bound * 1000),
    ),
  };
}

function histogram(
  family: ReportedFamily,
  labels: readonly (readonly [string, string])[],
  bounds: readonly number[],
): Histogram {
  const all = [...bounds, Number.POSITIVE_INFINITY];
  return {
    bounds: all,
    buckets: all.map((bound) => series(family, '_bucket', [...labels, ['le', canonicalFloatText(bound)]])),
    sum: series(family, '_sum', labels),
    count: series(family, '_count', labels),
  };
}

function* histogramSeries({ buckets, sum, count }: Histogram): Generator<ReportedSeries> {
  yield* buckets;
  yield sum;
  yield count;
}

function observe({ bounds, buckets, sum, count }: Histogram, value: number): void {
  bounds.forEach((bound, i) => {
    const bucket = buckets[i];
    if (bucket !== undefined && value <= bound) bucket.value++;
  });
  sum.value += value;
  count.value++;
}

function series(
  family: ReportedFamily,
  suffix: string,
  labels: readonly (readonly [string, string])[],
): ReportedSeries {
  const name = family + suffix;
  const service = labels.find(([label]) => label === 'service')?.[1];
  const stored = Labels.fromPairs([
    ...labels,
    [METRIC_NAME, name],
    ['job', service ?? 'reports'],
    ['instance', 'reported'],
  ]);
  return { family, name, labels, stored, value: 0, ref: -1 };
}

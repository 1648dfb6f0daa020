import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import { iso } from '../../http/times.ts';
import type { ApiModule } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { TRAFFIC } from '../../kernel/traffic.ts';
import type { KnownBreaker } from '../breaker-calls.ts';
import type { InstantReader } from '../figures.ts';
import type { HealthMonitor, ServiceHealth } from '../monitor.ts';
import { durationWords, percentWords, uptimeWords } from '../words.ts';
import { type Dependency, systemStatus } from './health.ts';

export interface MonitoringOptions {
  readonly clock: Clock;
  readonly names: ServiceNames;
  readonly monitor: Pick<HealthMonitor, 'list'>;
  readonly reader: InstantReader;
  readonly breakers: (tenant: string) => Promise<readonly KnownBreaker[]>;
  readonly dependencies: () => readonly Dependency[];
  readonly version: string;
  /** Wall-clock ms of this process' start. */
  readonly startedAt: number;
}

const status = z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']);
const BREAKER_STATES = ['CLOSED', 'HALF_OPEN', 'OPEN'] as const;

const answer = z.object({
  gateway: z.object({
    name: z.string(),
    version: z.string(),
    status,
    uptime: z.string().describe('Like "2d 14h 32m".'),
    requests: z.object({
      total: z.number(),
      successful: z.number(),
      failed: z.number(),
      rate: z.string().describe('Share that succeeded, like "98.8%".'),
    }),
  }),
  services: z.record(
    z.string(),
    z.object({
      status,
      response_time: z
        .string()
        .nullable()
        .describe('Mean of the last minute, like "45ms"; null without traffic.'),
      error_rate: z.string().nullable().describe('Of the last minute, like "0.2%"; null without traffic.'),
      circuit_breaker: z.enum(BREAKER_STATES).describe('The worst of the breakers that protect calls to it.'),
    }),
  ),
  alerts: z.array(
    z.object({
      level: z.enum(['warning', 'critical']),
      service: z.string(),
      message: z.string(),
      timestamp: z.string(),
      duration: z.string().describe('Like "15m".'),
    }),
  ),
});

type Answer = z.output<typeof answer>;

const QUERIES = {
  requests: `sum by (service, job) (http_requests_total{${TRAFFIC}})`,
  failures: `sum by (service, job) (http_requests_total{${TRAFFIC}, status=~"5.."})`,
  rate: `sum by (service, job) (rate(http_requests_total{${TRAFFIC}}[1m]))`,
  failureRate: `sum by (service, job) (rate(http_requests_total{${TRAFFIC}, status=~"5.."}[1m]))`,
  seconds: `sum by (service, job) (rate(http_request_duration_seconds_sum{${TRAFFIC}}[1m]))`,
} as const;

/** `GET /monitoring/health/dashboard` for all services that Pharos watches. */
export function monitoringApi(options: MonitoringOptions): ApiModule {
  return {
    name: 'monitoring',
    renderError: renderPharosError,
    register: (app) => {
      app.get(
        '/monitoring/health/dashboard',
        {
          schema: {
            tags: ['health'],
            summary: 'State, latency, errors and breakers of every service on one page, and what is wrong',
            response: { 200: answer },
          },
        },
        ({ tenant }) => dashboardOf(options, tenant),
      );
    },
  };
}

async function dashboardOf(options: MonitoringOptions, tenant: string): Promise<Answer> {
  const { clock, monitor } = options;
  const now = clock.now();
  const health = monitor.list(tenant);
  const figures = await figuresOf(options, tenant, now);
  const total = sum(figures.requests);
  const failed = Math.min(total, sum(figures.failures));
  return {
    gateway: {
      name: 'pharos',
      version: options.version,
      status: systemStatus(health, options.dependencies()),
      uptime: uptimeWords(now - options.startedAt),
      requests: {
        total,
        successful: total - failed,
        failed,
        rate: percentWords(total === 0 ? 1 : (total - failed) / total),
      },
    },
    services: Object.fromEntries(
      health.map((service) => {
        const rate = figures.rate.get(service.name) ?? 0;
        const took = (figures.seconds.get(service.name) ?? 0) / rate;
        return [
          service.name,
          {
            status: service.status,
            response_time: rate > 0 ? `${Math.round(took * 1000)}ms` : null,
            error_rate: rate > 0 ? percentWords((figures.failureRate.get(service.name) ?? 0) / rate) : null,
            circuit_breaker: figures.breakers.get(service.name) ?? 'CLOSED',
          },
        ];
      }),
    ),
    alerts: health.flatMap((service) => alertsOf(service, now)),
  };
}

function alertsOf({ name, status: state, since, reasons }: ServiceHealth, now: number): Answer['alerts'] {
  if (state === 'healthy' || state === 'unknown') return [];
  return reasons.flatMap(({ severity, message }) =>
    severity === 'info'
      ? []
      : [
          {
            level: severity,
            service: name,
            message,
            timestamp: iso(since),
            duration: durationWords(now - since),
          },
        ],
  );
}

async function figuresOf({ reader, names, breakers: list }: MonitoringOptions, tenant: string, now: number) {
  const ask = async (query: string): Promise<Map<string, number>> => {
    const values = new Map<string, number>();
    for (const { label, value } of await reader.instant(tenant, query, now)) {
      const name = names.of(label);
      if (name === undefined || !Number.isFinite(value)) continue;
      values.set(name, (values.get(name) ?? 0) + value);
    }
    return values;
  };
  const [requests, failures, rate, failureRate, seconds, breakers] = await Promise.all([
    ask(QUERIES.requests),
    ask(QUERIES.failures),
    ask(QUERIES.rate),
    ask(QUERIES.failureRate),
    ask(QUERIES.seconds),
    list(tenant),
  ]);
  return { requests, failures, rate, failureRate, seconds, breakers: worstBefore(breakers, names) };
}

/** By the service they protect. */
function worstBefore(
  breakers: readonly KnownBreaker[],
  names: Pick<ServiceNames, 'canonical'>,
): ReadonlyMap<string, KnownBreaker['state']> {
  const worst = new Map<string, KnownBreaker['state']>();
  for (const { upstream, state } of breakers) {
    const service = names.canonical(upstream);
    const before = worst.get(service) ?? 'CLOSED';
    if (BREAKER_STATES.indexOf(state) >= BREAKER_STATES.indexOf(before)) worst.set(service, state);
  }
  return worst;
}

function sum(values: ReadonlyMap<string, number>): number {
  return [...values.values()].reduce((total, value) => total + value, 0);
}

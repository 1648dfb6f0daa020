import type { BreakerSnapshot } from '@pharos/node';
import { iso } from '../shared/clock.ts';
import type { Backend } from './routes-table.ts';
import { BACKENDS } from './routes-table.ts';
import type { BackendFigures, ErrorDetail, GatewayStats } from './stats.ts';
import { WINDOW_SECONDS } from './stats.ts';

const DEGRADED_ERROR_RATE = 0.05;
const UNHEALTHY_ERROR_RATE = 0.5;

type Level = 'critical' | 'warning';

export interface Condition {
  readonly key: string;
  readonly level: Level;
  readonly service: string;
  readonly message: string;
}

type BreakerState = BreakerSnapshot['state'];

/** The state of one upstream as the gateway sees it. */
export function statusOf(
  figures: BackendFigures,
  breaker: BreakerState,
): 'healthy' | 'degraded' | 'unhealthy' {
  if (breaker === 'OPEN' || figures.errorRate >= UNHEALTHY_ERROR_RATE) return 'unhealthy';
  if (breaker === 'HALF_OPEN' || figures.errorRate >= DEGRADED_ERROR_RATE) return 'degraded';
  return 'healthy';
}

/** What is wrong with one upstream now. */
export function conditionsOf(backend: Backend, figures: BackendFigures, breaker: BreakerState): Condition[] {
  const conditions: Condition[] = [];
  const name = `${backend}-client`;
  if (breaker !== 'CLOSED') {
    const level = breaker === 'OPEN' ? 'critical' : 'warning';
    const message = `circuit breaker ${name} is ${breaker}`;
    conditions.push({ key: `${backend}:breaker`, level, service: backend, message });
  }
  if (figures.errorRate >= DEGRADED_ERROR_RATE) {
    const level = figures.errorRate >= UNHEALTHY_ERROR_RATE ? 'critical' : 'warning';
    const message = `${percent(figures.errorRate)} of the requests of the last ${WINDOW_SECONDS} s failed`;
    conditions.push({ key: `${backend}:errors`, level, service: backend, message });
  }
  return conditions;
}

export interface MonitoringDeps {
  readonly stats: GatewayStats;
  readonly breakers: () => readonly BreakerSnapshot[];
  readonly clock: { now(): number; monotonic(): number };
  readonly version: string;
}

/** What `/monitoring/*` answers, from the gateway's own counters. `tick` notices when conditions begin and end. */
export function createMonitoring(deps: MonitoringDeps) {
  const { stats, breakers, clock, version } = deps;
  const startedAt = clock.monotonic();
  const since = new Map<string, number>();
  const breakerOf = (backend: Backend): BreakerState =>
    breakers().find((breaker) => breaker.service === backend)?.state ?? 'CLOSED';
  const tick = (): Condition[] => {
    const conditions = BACKENDS.flatMap((backend) =>
      conditionsOf(backend, stats.figures(backend), breakerOf(backend)),
    );
    const keys = new Set(conditions.map((condition) => condition.key));
    for (const key of since.keys()) if (!keys.has(key)) since.delete(key);
    for (const key of keys) if (!since.has(key)) since.set(key, clock.now());
    return conditions;
  };
  return {
    tick,
    dashboard() {
      const { total, failed } = stats.totals;
      const conditions = tick();
      const services = BACKENDS.map((backend) => {
        const figures = stats.figures(backend);
        const breaker = breakerOf(backend);
        return [
          backend,
          {
            status: statusOf(figures, breaker),
            response_time: figures.meanMs === null ? null : `${Math.round(figures.meanMs)}ms`,
            error_rate: percent(figures.errorRate),
            circuit_breaker: breaker,
          },
        ] as const;
      });
      return {
        gateway: {
          name: 'gateway',
          version,
          status: services.every(([, service]) => service.status === 'healthy') ? 'healthy' : 'degraded',
          uptime: uptime(clock.monotonic() - startedAt),
          requests: {
            total,
            successful: total - failed,
            failed,
            rate: total === 0 ? '100.0%' : percent((total - failed) / total),
          },
        },
        services: Object.fromEntries(services),
        alerts: conditions.map(({ key, level, service, message }) => {
          const began = since.get(key) ?? clock.now();
          return { level, service, message, timestamp: iso(began), duration: duration(clock.now() - began) };
        }),
      };
    },
    errorStats() {
      const oldest = clock.now() - WINDOW_SECONDS * 1000;
      const recent = stats.errors().filter((error) => Date.parse(error.timestamp) >= oldest);
      return {
        timestamp: iso(clock.now()),
        window_seconds: WINDOW_SECONDS,
        total: recent.length,
        rate_per_second: recent.length / WINDOW_SECONDS,
        by_service: grouped(recent, (error) => error.service),
        by_type: grouped(recent, (error) => error.type),
        by_severity: grouped(recent, (error) => error.severity),
      };
    },
    errorDetails(limit: number, offset: number) {
      const errors = stats.errors();
      return { total: errors.length, limit, offset, errors: errors.slice(offset, offset + limit) };
    },
  };
}

function grouped(errors: readonly ErrorDetail[], keyOf: (error: ErrorDetail) => string) {
  const counts = new Map<string, number>();
  for (const error of errors) counts.set(keyOf(error), (counts.get(keyOf(error)) ?? 0) + 1);
  return Object.fromEntries(
    Array.from(counts, ([key, count]) => [key, { count, rate_per_second: count / WINDOW_SECONDS }]),
  );
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)}%`;
}

/** `2d 14h 32m`. */
export function uptime(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return `${Math.floor(minutes / 1440)}d ${Math.floor(minutes / 60) % 24}h ${minutes % 60}m`;
}

/** `15m`, `40s`, `2h 5m`. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}

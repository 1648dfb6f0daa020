import type { ServiceNames } from '../kernel/names.ts';
import { TRAFFIC } from '../kernel/traffic.ts';
import type { Figures } from './objectives.ts';

/** The PromQL door as health needs it: an instant query at a time in epoch ms. */
export interface InstantReader {
  instant(
    tenant: string,
    query: string,
    time: number,
  ): Promise<readonly { readonly label: (name: string) => string; readonly value: number }[]>;
}

/**
 * What is read over a window of so many ms. Resources are the latest of the window, or with `usual` its largest, since
 * memory that is collected now and then swings. Refusals are of half the window: a few stand out there, and soon. A lag counts when
 * it lasts: the least of a third of the window, against its usual mean; the 90th percentile is that of no single pause. Beside it stands
 * what processor the same process took: of half the window, which also holds two scrapes when one comes late. Of accesses to a
 * database it is the median: where it is slow all of them are, and a single one is no news.
 */
function queriesOver(ms: number, usual: boolean) {
  const window = text(ms);
  const resource = usual ? 'max_over_time' : 'last_over_time';
  const half = usual ? window : text(ms / 2);
  const third = usual ? window : text(ms / 3);
  const requestsOver = (span: string): Query => [
    'http_requests_total',
    (metric) => `sum by (service, job, status) (rate(${metric}{${TRAFFIC}}[${span}]))`,
  ];
  const largest = (metric: string, over: string, span: string): Query => [
    metric,
    () => `max by (service, job) (${over}(${metric}[${span}]))`,
  ];
  return {
    calls: [
      'circuit_breaker_requests_total',
      // A way of failing that is new counts from its first time: else a service would seem to fail more often than what it calls.
      (metric) =>
        `sum by (service, job, result) ((${metric} unless ${metric} offset ${window}) / ${ms / 1000} or rate(${metric}[${window}]))`,
    ] satisfies Query,
    requests: requestsOver(window),
    recent: requestsOver(half),
    p95: [
      'http_request_duration_seconds_bucket',
      (metric) =>
        `histogram_quantile(0.95, sum by (service, job, le) (rate(${metric}{${TRAFFIC}}[${window}])))`,
    ] satisfies Query,
    cpu: largest('cpu_percent', resource, window),
    memory: largest('memory_used_mb', resource, window),
    lag: [
      'nodejs_eventloop_lag_p90_seconds',
      (metric) => `${usual ? 'avg_over_time' : 'min_over_time'}(${metric}[${third}])`,
    ] satisfies Query,
    lagMost: largest('nodejs_eventloop_lag_p90_seconds', 'max_over_time', window),
    database: DATABASE_TIMES.map(
      (name): Query => [
        name,
        (metric) => `histogram_quantile(0.5, sum by (service, job, le) (rate(${metric}[${half}])))`,
      ],
    ),
    loopCpu: ['process_cpu_seconds_total', (metric) => `rate(${metric}[${half}]) * 100`] satisfies Query,
  };
}

/** How long accesses to a database take, s: as the shop counts them, and as OpenTelemetry names it. */
const DATABASE_TIMES = [
  'db_operation_duration_seconds_bucket',
  'db_client_operation_duration_seconds_bucket',
];

/** A metric, and what is asked of it. */
type Query = readonly [metric: string, text: (metric: string) => string];

/** A duration as PromQL writes it. */
function text(ms: number): string {
  return `${Math.round(ms / 1000)}s`;
}

interface Growing {
  failedCalls: number | null;
  requests: number;
  failed: number;
  recent: number;
  readonly refused: Map<string, number>;
  p95: number | null;
  cpuPercent: number | null;
  memoryMb: number | null;
  databaseTime: number | null;
  loopLagMost: number | null;
  /** By process: its lag in s, and the percent of a core that it took. */
  readonly loops: Map<string, { lag: number | null; cpu: number | null }>;
}

const NOTHING: readonly Series[] = [];

type Series = Awaited<ReturnType<InstantReader['instant']>>[number];

/** What figures are read from. */
export interface FigureSource extends InstantReader {
  /** Whether a metric may have samples after a time in epoch ms; where it has none nothing is asked. */
  mayHold(tenant: string, metric: string, since: number): boolean;
}

/** Every service's figures over a window of so many ms that ends at `time`; see {@link queriesOver}. */
export async function readFigures(
  reader: FigureSource,
  names: ServiceNames,
  ask: { readonly tenant: string; readonly window: number; readonly time: number; readonly usual: boolean },
): Promise<Map<string, Figures>> {
  const queries = queriesOver(ask.window, ask.usual);
  const instant = ([metric, text]: Query) =>
    reader.mayHold(ask.tenant, metric, ask.time - ask.window)
      ? reader.instant(ask.tenant, text(metric), ask.time)
      : NOTHING;
  const [requests, calls, recent, p95, cpu, memory, lag, loopCpu, lagMost, ...database] = await Promise.all([
    instant(queries.requests),
    ask.usual ? NOTHING : instant(queries.calls),
    ask.usual ? null : instant(queries.recent),
    instant(queries.p95),
    instant(queries.cpu),
    instant(queries.memory),
    instant(queries.lag),
    instant(queries.loopCpu),
    ask.usual ? NOTHING : instant(queries.lagMost),
    ...queries.database.map(instant),
  ]);
  const growing = new Growth(names);
  growing.add(requests, (service, value, label) => {
    service.requests += value;
    if (label('status').startsWith('5')) service.failed += value;
  });
  growing.add(calls, (service, value, label) => {
    service.failedCalls = (service.failedCalls ?? 0) + (label('result') === 'success' ? 0 : value);
  });
  growing.add(recent ?? requests, (service, value, label) => {
    service.recent += value;
    const status = label('status');
    if (status.startsWith('4')) service.refused.set(status, (service.refused.get(status) ?? 0) + value);
  });
  for (const [list, key] of [
    [p95, 'p95'],
    [cpu, 'cpuPercent'],
    [memory, 'memoryMb'],
    [database.flat(), 'databaseTime'],
    [lagMost, 'loopLagMost'],
  ] as const)
    growing.add(list, (service, value) => {
      service[key] = Math.max(service[key] ?? -Infinity, value);
    });
  for (const [list, key] of [
    [lag, 'lag'],
    [loopCpu, 'cpu'],
  ] as const)
    growing.add(list, ({ loops }, value, label) => {
      const one = JSON.stringify([label('service'), label('job'), label('instance')]);
      loops.set(one, { ...(loops.get(one) ?? { lag: null, cpu: null }), [key]: value });
    });
  return growing.figures();
}

/** Figures by service, while they are gathered. */
class Growth {
  readonly #names: ServiceNames;
  readonly #services = new Map<string, Growing>();

  constructor(names: ServiceNames) {
    this.#names = names;
  }

  add(
    list: readonly Series[],
    take: (service: Growing, value: number, label: Series['label']) => void,
  ): void {
    for (const { label, value } of list) {
      const name = this.#names.of(label) ?? '';
      if (name !== '' && Number.isFinite(value)) take(this.#of(name), value, label);
    }
  }

  figures(): Map<string, Figures> {
    return new Map([...this.#services].map(([name, growing]) => [name, figuresOf(growing)]));
  }

  #of(name: string): Growing {
    let found = this.#services.get(name);
    if (found === undefined) {
      found = {
        failedCalls: null,
        requests: 0,
        failed: 0,
        recent: 0,
        refused: new Map(),
        p95: null,
        cpuPercent: null,
        memoryMb: null,
        databaseTime: null,
        loopLagMost: null,
        loops: new Map(),
      };
      this.#services.set(name, found);
    }
    return found;
  }
}

function figuresOf({
  requests,
  failed,
  failedCalls,
  recent,
  refused,
  loops,
  ...resources
}: Growing): Figures {
  const latest = [...loops.values()].reduce<{ lag: number | null; cpu: number | null }>(
    (worst, loop) => ((loop.lag ?? -Infinity) > (worst.lag ?? -Infinity) ? loop : worst),
    { lag: null, cpu: null },
  );
  return {
    requestRate: requests,
    errorRatio: requests > 0 ? failed / requests : 0,
    failedCallRate: failedCalls,
    recentRate: recent,
    refused: new Map([...refused].map(([code, rate]) => [code, recent > 0 ? rate / recent : 0])),
    ...resources,
    loopLag: latest.lag,
    loopCpu: latest.cpu,
  };
}

/**
 * A made-up system to look at and to test the dashboard with: the answers of Pharos for a scenario and an instant. The curves are
 * deterministic functions of name and time, so that two screenshots of one instant are equal.
 */
import { QUERY_STATS } from './query-stats.ts';

export const SCENARIOS = [
  'typical',
  'trouble',
  'empty',
  'large',
  'partial',
  'error',
  'slow',
  'offline',
] as const;
export type Scenario = (typeof SCENARIOS)[number];

type Status = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';
const SHOP = ['auth', 'catalog', 'gateway', 'order', 'user'];
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export function seedOf(text: string): number {
  let value = 17;
  for (const character of text) value = (Math.imul(value, 31) + character.charCodeAt(0)) >>> 0;
  return value;
}

/** Smooth noise in 0..1, the same for the same name and time. */
export function wave(name: string, at: number, period = 600_000): number {
  const seed = (seedOf(name) % 1000) / 1000;
  const phase = (at / period) * 2 * Math.PI;
  const value =
    Math.sin(phase + seed * 7) * 0.5 +
    Math.sin(phase * 2.7 + seed * 13) * 0.3 +
    Math.sin(phase * 11.3 + seed * 29) * 0.2;
  return 0.5 + value / 2;
}

export function namesOf(scenario: Scenario): string[] {
  if (scenario === 'empty') return [];
  if (scenario !== 'large') return SHOP;
  const teams = [
    'billing',
    'checkout',
    'identity',
    'inventory',
    'media',
    'notify',
    'pricing',
    'search',
    'shipping',
    'web',
  ];
  return Array.from(
    { length: 200 },
    (_, index) => `${teams[index % 10]}-${String(Math.floor(index / 10)).padStart(2, '0')}`,
  );
}

export function statusOf(scenario: Scenario, name: string): Status {
  if (scenario === 'trouble' || scenario === 'partial') {
    if (name === 'order') return 'unhealthy';
    if (name === 'gateway') return 'degraded';
  }
  if (scenario === 'large') {
    const seed = seedOf(name) % 50;
    if (seed === 7) return 'unhealthy';
    if (seed === 11 || seed === 12) return 'degraded';
    if (seed === 13) return 'unknown';
  }
  return 'healthy';
}

/** When the trouble of the trouble scenarios began, counted back from now. */
const TROUBLE_AGE = 14 * MINUTE;

function figures(scenario: Scenario, name: string, at: number, now: number) {
  const status = statusOf(scenario, name);
  const hurt = status !== 'healthy' && at > now - TROUBLE_AGE;
  const size = 4 + (seedOf(name) % 40);
  const rate = size * (0.75 + wave(name, at) * 0.5) * (hurt && status === 'unhealthy' ? 0.7 : 1);
  const ratio = hurt
    ? (status === 'unhealthy' ? 0.14 : 0.031) * (0.8 + wave(`${name}e`, at, 90_000) * 0.4)
    : wave(`${name}e`, at, 300_000) > 0.86
      ? 0.004
      : 0;
  const p50 = 0.006 + (seedOf(name) % 9) / 1000 + wave(`${name}l`, at) * 0.006 + (hurt ? 0.08 : 0);
  return {
    rate,
    ratio,
    p50,
    p95: p50 * (3 + wave(`${name}95`, at)) + (hurt ? 0.7 : 0),
    p99: p50 * 7 + (hurt ? 1.4 : 0),
  };
}

function totalsOf(scenario: Scenario, name: string, at: number, now: number) {
  const { rate, ratio, p50, p95, p99 } = figures(scenario, name, at, now);
  return { requestRate: rate, errorRate: rate * ratio, errorRatio: ratio, p50, p95, p99 };
}

function grid(seconds: number, now: number) {
  const steps = [5, 10, 15, 20, 30, 60, 120, 300, 600, 1800, 3600, 14_400];
  const step = steps.find((candidate) => seconds / candidate <= 200) ?? 14_400;
  const count = Math.floor(seconds / step) + 1;
  const start = Math.floor(now / 1000 / step) * step - (count - 1) * step;
  return {
    start: start * 1000,
    step: step * 1000,
    times: Array.from({ length: count }, (_, index) => (start + index * step) * 1000),
  };
}

const rounded = (value: number): number => Number(value.toPrecision(5));

export function health(scenario: Scenario, now: number) {
  const services = namesOf(scenario).map((name) => {
    const status = statusOf(scenario, name);
    const since = now - (status === 'healthy' ? 3 * HOUR + (seedOf(name) % 90) * MINUTE : TROUBLE_AGE);
    const reasons =
      status === 'unhealthy'
        ? [
            {
              source: 'poll',
              severity: 'critical',
              message: `${name} cannot reach its store: 14 % of requests fail`,
            },
            {
              source: 'scrape',
              severity: 'critical',
              message: '1 of 2 instances does not answer its scrape',
            },
          ]
        : status === 'degraded'
          ? [
              {
                source: 'report',
                severity: 'warning',
                message: `breaker order-client is open; p95 is 790 ms, five times the usual`,
              },
            ]
          : status === 'unknown'
            ? [{ source: 'report', severity: 'info', message: 'the last report is 4 min old' }]
            : [];
    return {
      name,
      status,
      since: new Date(since).toISOString(),
      reasons,
      sources: [
        {
          kind: 'scrape',
          status: status === 'unhealthy' ? 'degraded' : 'healthy',
          message: status === 'unhealthy' ? '1 of 2 up' : '2 of 2 up',
          at: new Date(now - 3000).toISOString(),
        },
        {
          kind: 'poll',
          status,
          message: status === 'healthy' ? '200 in 4 ms' : '503: database_status is down',
          at: new Date(now - 6000).toISOString(),
        },
        { kind: 'report', status: 'healthy', message: 'healthy', at: new Date(now - 21_000).toISOString() },
      ],
      uptime: {
        '24h':
          status === 'unhealthy' ? 0.9902 : status === 'unknown' ? null : 1 - (seedOf(name) % 4) / 10_000,
      },
      instances: [1, 2].map((index) => ({
        instance: `127.0.0.1:80${10 + (seedOf(name) % 40) + index}`,
        up: !(status === 'unhealthy' && index === 2),
        lastScrape: new Date(now - 2500).toISOString(),
        lastError: status === 'unhealthy' && index === 2 ? 'connect ECONNREFUSED 127.0.0.1:8004' : null,
      })),
    };
  });
  const statuses = services.map((service) => service.status);
  const status = statuses.includes('unhealthy')
    ? 'unhealthy'
    : statuses.includes('degraded')
      ? 'degraded'
      : 'healthy';
  return { timestamp: new Date(now).toISOString(), window: '5m', status, services, dependencies: [] };
}

export function annotations(scenario: Scenario, now: number) {
  if (scenario === 'empty') return [];
  return [
    {
      id: '1',
      time: now - 16 * MINUTE,
      kind: 'deployment',
      service: namesOf(scenario)[3],
      title: `${namesOf(scenario)[3]} 1.4.2`,
      text: 'Store client rewritten, retries off',
      tags: ['release'],
    },
    {
      id: '2',
      time: now - 47 * MINUTE,
      kind: 'annotation',
      service: null,
      title: 'Traffic set to bursty',
      text: 'from the shop controller',
      tags: [],
    },
    {
      id: '3',
      time: now - 3 * HOUR,
      kind: 'deployment',
      service: namesOf(scenario)[0],
      title: `${namesOf(scenario)[0]} 2.0.0`,
      text: '',
      tags: ['release'],
    },
  ];
}

function changes(scenario: Scenario, now: number) {
  const states = namesOf(scenario)
    .filter((name) => statusOf(scenario, name) !== 'healthy')
    .slice(0, 4)
    .map((name, index) => ({
      at: now - TROUBLE_AGE + index * 20_000,
      kind: 'state',
      service: name,
      from: 'healthy',
      to: statusOf(scenario, name),
      title: '',
      text:
        statusOf(scenario, name) === 'unhealthy' ? 'cannot reach its store' : 'breaker order-client is open',
    }));
  const notes = annotations(scenario, now).map((note) => ({
    at: note.time,
    kind: note.kind,
    service: note.service,
    title: note.kind === 'deployment' ? `Deployed ${note.title}` : note.title,
    text: note.text,
  }));
  return [...states, ...notes];
}

export function summary(scenario: Scenario, now: number) {
  const names = namesOf(scenario);
  const spark = grid(1800, now);
  const step = spark.times.filter((_, index) => index % 6 === 0);
  const services = names.map((name) => {
    const points = step.map((at) => figures(scenario, name, at, now));
    return {
      name,
      status: statusOf(scenario, name),
      ...totalsOf(scenario, name, now, now),
      previous: totalsOf(scenario, name, now - TROUBLE_AGE - MINUTE, now),
      sparkline: {
        start: spark.start,
        step: spark.step * 6,
        requestRate: points.map((point) => rounded(point.rate)),
        errorRatio: points.map((point) => rounded(point.ratio)),
        p95: points.map((point) => rounded(point.p95)),
      },
    };
  });
  const total = (key: 'requestRate' | 'errorRate', at: number): number =>
    names.reduce((sum, name) => sum + totalsOf(scenario, name, at, now)[key], 0);
  const all = (at: number) => {
    const requestRate = total('requestRate', at);
    const errorRate = total('errorRate', at);
    const one = figures(scenario, names[0] ?? 'none', at, now);
    const worst = Math.max(...names.map((name) => figures(scenario, name, at, now).p95));
    return names.length === 0
      ? { requestRate: null, errorRate: null, errorRatio: null, p50: null, p95: null, p99: null }
      : {
          requestRate,
          errorRate,
          errorRatio: errorRate / requestRate,
          p50: one.p50,
          p95: worst * 0.7,
          p99: worst * 1.6,
        };
  };
  return {
    timestamp: new Date(now).toISOString(),
    window: '1m',
    totals: all(now),
    previous: all(now - TROUBLE_AGE - MINUTE),
    services,
    changes: changes(scenario, now),
  };
}

export function performance(scenario: Scenario, service: string | null, seconds: number, now: number) {
  const { start, step, times } = grid(seconds, now);
  const outage = (at: number): boolean =>
    scenario !== 'large' && at > now - 33 * MINUTE && at < now - 31 * MINUTE;
  const series = (name: string, pick: (point: ReturnType<typeof figures>) => number): (number | null)[] =>
    times.map((at) =>
      name === 'user' && outage(at) ? null : rounded(pick(figures(scenario, name, at, now))),
    );
  const names = namesOf(scenario).filter((name) => service === null || name === service);
  return {
    timestamp: new Date(now).toISOString(),
    window: `${seconds}s`,
    services: names.map((name) => ({
      name,
      percentiles: {
        start,
        step,
        p50: series(name, (p) => p.p50),
        p95: series(name, (p) => p.p95),
        p99: series(name, (p) => p.p99),
      },
      throughput: { start, step, values: series(name, (p) => p.rate) },
      errors: { start, step, values: series(name, (p) => p.ratio) },
      slowestEndpoints: endpoints(scenario, name, now),
      saturation: {
        cpuPercent: 4 + wave(name, now) * 9,
        memoryMb: 92 + wave(name, now, HOUR) * 20,
        eventLoopLagSeconds: 0.002 + wave(name, now) * 0.004,
        series: {
          start,
          step,
          cpuPercent: times.map((at) => rounded(4 + wave(`${name}c`, at) * 9)),
          memoryMb: times.map((at) => rounded(92 + wave(`${name}m`, at, HOUR) * 20)),
          eventLoopLagSeconds: times.map((at) => rounded(0.002 + wave(`${name}v`, at) * 0.004)),
        },
      },
    })),
  };
}

function endpoints(scenario: Scenario, name: string, now: number) {
  const { p95, rate, ratio } = figures(scenario, name, now, now);
  return [
    {
      method: 'POST',
      route: `/api/v1/${name}`,
      p95: p95 * 1.4,
      requestRate: rate * 0.3,
      errorRatio: ratio * 2,
    },
    { method: 'GET', route: `/api/v1/${name}s`, p95, requestRate: rate * 0.5, errorRatio: ratio * 0.5 },
    {
      method: 'GET',
      route: `/api/v1/${name}s/:id/history`,
      p95: p95 * 0.8,
      requestRate: rate * 0.15,
      errorRatio: 0,
    },
    { method: 'GET', route: '/health', p95: 0.002, requestRate: 0.2, errorRatio: 0 },
  ];
}

export function services(scenario: Scenario, now: number) {
  const calls: Readonly<Record<string, readonly string[]>> = {
    gateway: ['auth', 'catalog', 'order', 'user'],
    auth: ['user'],
    order: ['catalog', 'user'],
    user: ['catalog'],
  };
  return {
    services: namesOf(scenario).map((name) => ({
      name,
      status: statusOf(scenario, name),
      requestRate: figures(scenario, name, now, now).rate,
      errorRatio: figures(scenario, name, now, now).ratio,
      p95: figures(scenario, name, now, now).p95,
      breakers: (calls[name] ?? []).map((upstream) => ({
        name: `${upstream}-client`,
        state: upstream === 'order' && statusOf(scenario, 'order') === 'unhealthy' ? 'OPEN' : 'CLOSED',
      })),
      dependencies: calls[name] ?? [],
      instances: ['a', 'b'],
      versions: [
        { version: '1.4.2', firstSeen: now - 2 * HOUR, lastSeen: now },
        { version: '1.4.1', firstSeen: now - 26 * HOUR, lastSeen: now - 2 * HOUR },
      ],
    })),
    data: namesOf(scenario),
  };
}

export function history(scenario: Scenario, service: string, seconds: number, now: number) {
  const status = statusOf(scenario, service);
  const from = now - seconds * 1000;
  const blip = now - 4 * HOUR;
  const segments =
    status === 'healthy'
      ? [{ from, to: now, status }]
      : [
          { from, to: blip, status: 'healthy' },
          { from: blip, to: blip + 3 * MINUTE, status: 'degraded' },
          { from: blip + 3 * MINUTE, to: now - TROUBLE_AGE, status: 'healthy' },
          { from: now - TROUBLE_AGE, to: now, status },
        ].filter((segment) => segment.to > from);
  return {
    service,
    transitions:
      status === 'healthy'
        ? []
        : [{ at: now - TROUBLE_AGE, from: 'healthy', to: status, reason: 'cannot reach its store' }],
    segments,
  };
}

/** An answer of `query_range`: 10,000 series in the large scenario. */
export function matrix(scenario: Scenario, start: number, end: number, step: number) {
  const count = scenario === 'large' ? 10_000 : 4;
  const times: number[] = [];
  for (let at = start; at <= end; at += step) times.push(at);
  return {
    status: 'success',
    data: {
      resultType: 'matrix',
      stats: QUERY_STATS,
      result: Array.from({ length: scenario === 'empty' ? 0 : count }, (_, index) => ({
        metric: {
          method: index % 3 === 0 ? 'POST' : 'GET',
          route: `/api/v1/things/${String(index).padStart(5, '0')}`,
        },
        values: times.map((at) => [
          at,
          String(rounded(0.2 + (index % 977) / 300 + wave(`r${index % 50}`, at * 1000))),
        ]),
      })),
    },
  };
}

/** The answer of `/api/v1/alerting/alerts` without its alerts: how many there are of each state. */
export function alerts(scenario: Scenario, now: number) {
  const firing = namesOf(scenario).filter((name) => statusOf(scenario, name) === 'unhealthy').length;
  const loudest = firing > 0 ? ('critical' as const) : null;
  const counts = { firing, pending: 0, silenced: 0, inhibited: 0, folded: 0, muted: 0, loudest };
  return { at: now, total: firing, counts, rules: 4, alerts: [] };
}

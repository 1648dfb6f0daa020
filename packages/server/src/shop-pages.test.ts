import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { alertmanagerSection, type ServiceMap } from './alerts/index.ts';
import { openTestAlertmanager } from './alerts/testing/open.ts';
import { SHOP_FOLDING } from './demo/index.ts';
import { HealthMonitor, HealthPoller, healthSection, healthTelemetry, TrafficWatch } from './health/index.ts';
import { ManualClock } from './kernel/clock.ts';
import { silentLog } from './kernel/log.ts';
import { createServiceNames } from './kernel/names.ts';
import { createTelemetry } from './kernel/telemetry.ts';
import { serviceMapOf } from './wire-service-map.ts';

const SECOND = 1000;
/** Of the shop's rule. */
const FOR = 10;
const KEEP_FIRING_FOR = 60;
const EVERY = 5;
/** Until everybody is told of everything. */
const WATCHED = 480;

const POLICY = readFileSync(
  fileURLToPath(new URL('../../../shop/alerting/alertmanager.yml', import.meta.url)),
  'utf8',
);
const SERVICES = ['auth', 'catalog', 'gateway', 'order', 'user'];
const CALLS = new Map([
  ['gateway', new Set(['auth', 'order', 'user', 'catalog'])],
  ['auth', new Set(['user'])],
  ['order', new Set(['catalog', 'user'])],
  ['user', new Set(['catalog'])],
]);
const { folding } = alertmanagerSection.schema.parse({ folding: SHOP_FOLDING });

/** A span in which a service is not well, in seconds after the fault began, as its health has it. */
interface Trouble {
  readonly service: string;
  readonly from: number;
  readonly to: number;
  readonly isOwn?: boolean;
  /** A breaker of it is open. */
  readonly asksInVain?: boolean;
  /** Until when its callers feel it; to its end when absent. */
  readonly feltTo?: number;
}

const body = z.object({
  status: z.string(),
  groupLabels: z.object({ service: z.string() }),
  commonAnnotations: z.object({ dependants: z.string().optional() }),
});

/** Second by second, whether the rule is evaluated: every five seconds, from any of them on, and on a busy machine now and then not. */
interface Rhythm {
  readonly from: number;
  /** Every so many evaluations one is left out. */
  readonly misses?: number;
}

/** How services are at each second, as folding asks for it. */
type World = (clock: ManualClock) => ServiceMap;

function worldOf(troubles: readonly Trouble[]): World {
  return (clock) => {
    const start = clock.now();
    const seconds = (): number => (clock.now() - start) / SECOND;
    const now = (service: string): readonly Trouble[] =>
      troubles.filter((one) => one.service === service && one.from <= seconds() && seconds() < one.to);
    return {
      serviceOf: (labels) => labels.get('service'),
      calls: () => CALLS,
      isKnown: () => true,
      standing: (service) => ({
        isUnwell: now(service).length > 0,
        hasOwnFault: now(service).some(({ isOwn }) => isOwn === true),
        lacksAnswers: now(service).some(({ asksInVain }) => asksInVain === true),
        failsCallers: now(service).some(({ to, feltTo = to }) => seconds() < feltTo),
        causedBy: [],
      }),
    };
  };
}

/** The pages that the shop's rule, its policy and folding make of a world: when, about whom, and with whom. */
async function pagesOf(world: World, { from: first, misses = Infinity }: Rhythm = { from: 0 }) {
  const clock = new ManualClock();
  const start = clock.now();
  const seconds = (): number => (clock.now() - start) / SECOND;
  const serviceMap = world(clock);
  const pages: { at: number; service: string; dependants: string }[] = [];
  const { alertmanager, stop } = await openTestAlertmanager(POLICY, {
    clock,
    serviceMap,
    quiet: { maintenance: [], damping: [], folding },
    http: {
      connect: () => Promise.reject(new Error('no network')),
      readText: () => Promise.reject(new Error('no files')),
      send: ({ body: text }) => {
        const { status, groupLabels, commonAnnotations } = body.parse(JSON.parse(text));
        const { dependants = '' } = commonAnnotations;
        if (status === 'firing') pages.push({ at: seconds(), service: groupLabels.service, dependants });
        return Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0) });
      },
    },
  });
  const rule = ruleOfShop((service) => serviceMap.standing(service)?.isUnwell === true);
  for (let t = 0; t < WATCHED; t++) {
    const turn = (t - first) / EVERY;
    if (Number.isInteger(turn) && turn >= 0 && turn % misses !== misses - 1)
      for (const { service, from, to } of rule(t))
        await alertmanager.receive([
          {
            labels: new Map([
              ['alertname', 'ServiceUnwell'],
              ['service', service],
              ['severity', 'critical'],
            ]),
            annotations: new Map(),
            startsAt: start + from * SECOND,
            endsAt: start + (to ?? t + 240) * SECOND,
            generatorUrl: '',
          },
        ]);
    await clock.advance(SECOND);
    for (let i = 0; i < 6; i++) await new Promise((resolve) => setImmediate(resolve));
  }
  await stop();
  return pages;
}

/** What an evaluation of the shop's rule tells of: alerts with when they began to fire and, once, when they ended. */
function ruleOfShop(isUnwell: (service: string) => boolean) {
  const states = new Map<string, { pendingFrom: number; firedAt: number | null; wellFrom: number | null }>();
  return (t: number) =>
    SERVICES.flatMap((service) => {
      const unwell = isUnwell(service);
      const state = states.get(service);
      if (state === undefined) {
        if (unwell) states.set(service, { pendingFrom: t, firedAt: null, wellFrom: null });
        return [];
      }
      if (unwell && state.firedAt === null && t - state.pendingFrom >= FOR) state.firedAt = t;
      state.wellFrom = unwell ? null : (state.wellFrom ?? t);
      const isOver =
        state.wellFrom !== null && (state.firedAt === null || t - state.wellFrom >= KEEP_FIRING_FOR);
      if (isOver) states.delete(service);
      return state.firedAt === null ? [] : [{ service, from: state.firedAt, to: isOver ? t : null }];
    });
}

/** What health told of faults that were switched on in the running shop for 80 s. */
const RECORDED: Readonly<Record<string, readonly Trouble[]>> = {
  'dead user': [
    { service: 'gateway', from: 2.6, to: 114.6 },
    { service: 'user', from: 3.6, to: 81.6, isOwn: true },
    { service: 'order', from: 7.7, to: 99.6 },
  ],
  'errors of order': [
    { service: 'gateway', from: 2.7, to: 113.7, asksInVain: true },
    { service: 'order', from: 13.7, to: 113.7, isOwn: true },
  ],
  'slow catalog': [
    { service: 'catalog', from: 6.3, to: 111.2 },
    { service: 'order', from: 6.3, to: 167.2 },
    { service: 'gateway', from: 8.2, to: 167.2 },
    { service: 'user', from: 22.2, to: 36.2 },
    { service: 'user', from: 40.2, to: 143.2 },
  ],
  'hanging catalog': [
    { service: 'catalog', from: 10, to: 117, feltTo: 100 },
    { service: 'order', from: 10, to: 126 },
    { service: 'gateway', from: 15, to: 162 },
    { service: 'user', from: 32, to: 106 },
  ],
};

/** How a fault shows: whether as the service's own, and to its callers. */
const KINDS: Readonly<Record<string, { readonly isOwn: boolean; readonly isFelt: boolean }>> = {
  dead_service: { isOwn: true, isFelt: true },
  error_spike: { isOwn: true, isFelt: true },
  added_latency: { isOwn: false, isFelt: true },
  timeouts: { isOwn: false, isFelt: true },
  slow_database: { isOwn: true, isFelt: true },
  cpu_burn: { isOwn: true, isFelt: true },
  memory_leak: { isOwn: true, isFelt: false },
  auth_failure_storm: { isOwn: false, isFelt: true },
  bad_input: { isOwn: false, isFelt: true },
  stock_exhaustion: { isOwn: false, isFelt: true },
};

/** A fault and all that suffer from it, over others too: they show sooner, or later and longer than it. */
function troublesOf(fault: string, order: 'sooner' | 'later'): readonly Trouble[] {
  const [kind = '', service = ''] = fault.split(' ');
  const shows = KINDS[kind];
  if (shows === undefined) throw new Error(`there is no fault "${kind}"`);
  const { isOwn, isFelt } = shows;
  const own: Trouble = { service, from: 12, to: 110, isOwn, ...(!isFelt && { feltTo: 0 }) };
  const suffering = new Set([service]);
  if (isFelt)
    for (const one of suffering) for (const [name, called] of CALLS) if (called.has(one)) suffering.add(name);
  suffering.delete(service);
  const [from, to] = order === 'sooner' ? [3, 110] : [20, 165];
  return [own, ...[...suffering].map((name) => ({ service: name, from, to }))];
}

/** What a service's own series say of it: its loop's lag in s, percent of a core, s, s, a ratio. */
interface Figures {
  readonly lag: number;
  readonly cpu: number;
  readonly p95: number;
  readonly database: number;
  readonly errors: number;
}
const USUAL: Figures = { lag: 0.012, cpu: 4, p95: 0.05, database: 0.001, errors: 0 };
/** Of a service whose machine has no processor left for it. */
const STARVED: Figures = { lag: 0.3, cpu: 6, p95: 1.4, database: 0.4, errors: 0 };
const STARVES_FROM = 30;

/** All services on one machine that is full from a time on, judged by health itself from their series; one may have a fault besides. */
function starvedWorld(faulty: string, fault: Partial<Figures>): World {
  return (clock) => {
    const start = clock.now();
    const figuresOf = (service: string, query: string): Figures => {
      if (query.includes('[600s]') || clock.now() < start + STARVES_FROM * SECOND) return USUAL;
      return service === faulty ? { ...STARVED, ...fault } : STARVED;
    };
    const names = createServiceNames(new Map());
    const telemetry = healthTelemetry(createTelemetry());
    const watch = new TrafficWatch({
      clock,
      log: silentLog,
      names,
      telemetry,
      reader: {
        mayHold: () => true,
        instant: (_tenant, query) =>
          Promise.resolve(SERVICES.flatMap((service) => seriesOf(service, query, figuresOf(service, query)))),
      },
      objectives: () => OBJECTIVES,
      window: OBJECTIVES.window,
      tenants: () => ['default'],
      countsItsCalls: () => true,
    });
    const monitor = new HealthMonitor({
      clock,
      names,
      poller: new HealthPoller({
        clock,
        telemetry,
        random: () => 0.5,
        fetch: () => Promise.reject(new Error('no network')),
        intervalMs: 5000,
        timeoutMs: 3000,
      }),
      targets: () => [],
      extraPolls: [],
      targetTenant: 'default',
      signals: (tenant) => watch.signals(tenant),
      calls: () => CALLS,
      onTransition: () => undefined,
    });
    watch.start();
    monitor.start();
    return serviceMapOf(names, { monitor, calls: () => CALLS, areCallsKnown: () => true });
  };
}

const OBJECTIVES = healthSection.schema.parse({}).objectives;

function seriesOf(service: string, query: string, { lag, cpu, p95, database, errors }: Figures) {
  const one = (value: number, more: Readonly<Record<string, string>> = {}) => {
    const labels: Readonly<Record<string, string>> = { service, job: service, instance: service, ...more };
    return { label: (name: string) => labels[name] ?? '', value };
  };
  const has = (metric: string): boolean => query.includes(metric);
  if (has('nodejs_eventloop_lag')) return [one(lag)];
  if (has('process_cpu_seconds_total')) return [one(cpu)];
  if (has('db_operation_duration_seconds')) return [one(database)];
  if (has('http_request_duration_seconds')) return [one(p95)];
  if (has('circuit_breaker_requests_total')) return [one(4, { result: 'success' })];
  if (has('http_requests_total'))
    return [one(4 * (1 - errors), { status: '200' }), one(4 * errors, { status: '500' })];
  return [];
}

const PAIRS = [
  ['memory_leak auth', 'added_latency order'],
  ['auth_failure_storm auth', 'memory_leak order'],
  ['dead_service auth', 'dead_service order'],
  ['bad_input auth', 'error_spike order'],
  ['dead_service catalog', 'dead_service auth'],
  ['auth_failure_storm auth', 'error_spike gateway'],
  ['slow_database user', 'memory_leak gateway'],
  ['stock_exhaustion catalog', 'cpu_burn auth'],
  ['timeouts catalog', 'memory_leak user'],
  ['added_latency catalog', 'error_spike order'],
  ['error_spike user', 'dead_service order'],
  ['memory_leak catalog', 'error_spike order'],
] as const;

describe('the shop pages', () => {
  it.each(Object.entries(RECORDED))('once for %s, as it was recorded', async (name, troubles) => {
    const pages = await pagesOf(worldOf(troubles));
    expect(pages.map(({ service }) => service)).toEqual([name.split(' ').at(-1)]);
    expect(pages[0]?.at).toBeLessThan(60);
    for (const { service } of troubles.filter((one) => one.from < 10 && one.service !== pages[0]?.service))
      expect(pages[0]?.dependants).toContain(service);
  });

  it.each(Object.entries(RECORDED))(
    'once for %s, however late a busy machine evaluates, or hears of the service at fault',
    async (name, troubles) => {
      const fault = name.split(' ').at(-1);
      const heardLate = (by: number): readonly Trouble[] =>
        troubles.map((one) => (one.service === fault ? { ...one, from: one.from + by } : one));
      for (const [by, rhythm] of [
        [0, { from: 4, misses: 3 }],
        [8, { from: 3, misses: 4 }],
        [16, { from: 0 }],
      ] as const) {
        const pages = await pagesOf(worldOf(heardLate(by)), rhythm);
        expect([by, rhythm, pages.map(({ service }) => service)]).toEqual([by, rhythm, [fault]]);
        expect(pages[0]?.at).toBeLessThan(60);
      }
    },
  );

  it('nobody for a machine without processor to spare, and once for a fault on it', async () => {
    expect(await pagesOf(starvedWorld('', {}))).toEqual([]);
    for (const [service, fault] of [
      ['catalog', { cpu: 20 }],
      ['order', { errors: 0.3 }],
      ['user', { database: 0.8 }],
      ['catalog', { p95: 2.5 }],
    ] as const) {
      const pages = await pagesOf(starvedWorld(service, fault));
      expect([fault, pages.map((page) => page.service)]).toEqual([fault, [service]]);
      expect(pages[0]?.at).toBeLessThan(STARVES_FROM + 60);
    }
  });

  it.each(
    Object.keys(KINDS).flatMap((kind) =>
      (['sooner', 'later'] as const).map((order) => [kind, order] as const),
    ),
  )('once for %s of each service, whose symptoms show %s', async (kind, order) => {
    for (const service of SERVICES) {
      const pages = await pagesOf(worldOf(troublesOf(`${kind} ${service}`, order)));
      expect(pages.map((page) => page.service)).toEqual([service]);
      expect(pages[0]?.at).toBeLessThan(60);
    }
  });

  it.each(PAIRS)('for both of %s and %s', async (...pair) => {
    for (const order of ['sooner', 'later'] as const) {
      const pages = await pagesOf(worldOf(pair.flatMap((fault) => troublesOf(fault, order))));
      const services = pair.map((fault) => fault.split(' ').at(-1) ?? '');
      expect(pages.map(({ service }) => service).toSorted()).toEqual(services.toSorted());
      for (const { at } of pages) expect(at).toBeLessThan(60);
    }
  });
});

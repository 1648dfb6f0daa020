import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { alertmanagerSection, type ServiceMap } from './alerts/index.ts';
import { openTestAlertmanager } from './alerts/testing/open.ts';
import { SHOP_FOLDING } from './demo/index.ts';
import { ManualClock } from './kernel/clock.ts';

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
  /** Until when its callers feel it; to its end when absent. */
  readonly feltTo?: number;
}

const body = z.object({
  status: z.string(),
  groupLabels: z.object({ service: z.string() }),
  commonAnnotations: z.object({ dependants: z.string().optional() }),
});

/** The pages that the shop's rule, its policy and folding make of troubles: when, about whom, and with whom. */
async function pagesOf(troubles: readonly Trouble[]) {
  const clock = new ManualClock();
  const start = clock.now();
  const seconds = (): number => (clock.now() - start) / SECOND;
  const now = (service: string): readonly Trouble[] =>
    troubles.filter((one) => one.service === service && one.from <= seconds() && seconds() < one.to);
  const serviceMap: ServiceMap = {
    serviceOf: (labels) => labels.get('service'),
    calls: () => CALLS,
    isKnown: () => true,
    standing: (service) => ({
      isUnwell: now(service).length > 0,
      hasOwnFault: now(service).some(({ isOwn }) => isOwn === true),
      failsCallers: now(service).some(({ to, feltTo = to }) => seconds() < feltTo),
      causedBy: [],
    }),
  };
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
  const rule = ruleOfShop((service) => now(service).length > 0);
  for (let t = 0; t < WATCHED; t++) {
    if (t % EVERY === 0)
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
    ['auth', 'catalog', 'gateway', 'order', 'user'].flatMap((service) => {
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
    { service: 'gateway', from: 2.7, to: 113.7 },
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
  slow_database: { isOwn: false, isFelt: true },
  cpu_burn: { isOwn: true, isFelt: false },
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
    const pages = await pagesOf(troubles);
    expect(pages.map(({ service }) => service)).toEqual([name.split(' ').at(-1)]);
    expect(pages[0]?.at).toBeLessThan(60);
    for (const { service } of troubles.filter((one) => one.from < 10 && one.service !== pages[0]?.service))
      expect(pages[0]?.dependants).toContain(service);
  });

  it.each(['sooner', 'later'] as const)('once for each fault, whose symptoms show %s', async (order) => {
    const services = ['auth', 'catalog', 'gateway', 'order', 'user'];
    for (const kind of Object.keys(KINDS))
      for (const service of services) {
        const pages = await pagesOf(troublesOf(`${kind} ${service}`, order));
        expect([kind, service, pages.map((page) => page.service)]).toEqual([kind, service, [service]]);
        expect(pages[0]?.at).toBeLessThan(60);
      }
  });

  it.each(PAIRS)('for both of %s and %s', async (...pair) => {
    for (const order of ['sooner', 'later'] as const) {
      const pages = await pagesOf(pair.flatMap((fault) => troublesOf(fault, order)));
      const services = pair.map((fault) => fault.split(' ').at(-1) ?? '');
      expect(pages.map(({ service }) => service).toSorted()).toEqual(services.toSorted());
      for (const { at } of pages) expect(at).toBeLessThan(60);
    }
  });
});

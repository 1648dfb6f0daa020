import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ManualClock } from '../../kernel/clock.ts';
import { alertMatcher } from '../matchers/matcher.ts';
import { openTestAlertmanager } from '../testing/open.ts';
import type { FoldingRules } from './fold.ts';
import type { ServiceMap, Standing } from './service-map.ts';

const SECOND = 1000;
const RULES: FoldingRules = {
  symptoms: [alertMatcher('alertname', '=', 'Fails')],
  causes: [alertMatcher('alertname', '=', 'Fails')],
  hops: 3,
  waitMs: 60 * SECOND,
  releaseMs: 300 * SECOND,
};
const CONFIG = `
route: { receiver: team, group_by: [service], group_wait: 10s, group_interval: 10m, repeat_interval: 4h }
receivers: [ { name: team, webhook_configs: [ { url: 'http://team/' } ] } ]
`;
const body = z.object({
  status: z.string(),
  groupLabels: z.object({ service: z.string() }),
  commonAnnotations: z.object({ dependants: z.string().optional() }),
});
const UNWELL: Standing = {
  isUnwell: true,
  hasOwnFault: false,
  failsCallers: true,
  lacksAnswers: false,
  causedBy: [],
};

async function setup() {
  const clock = new ManualClock();
  const start = clock.now();
  const told: string[] = [];
  const standings = new Map<string, Standing>();
  const serviceMap: ServiceMap = {
    serviceOf: (labels) => labels.get('service'),
    calls: () => CALLS,
    isKnown: () => true,
    standing: (service) => standings.get(service) ?? null,
  };
  const { alertmanager, stop } = await openTestAlertmanager(CONFIG, {
    clock,
    serviceMap,
    quiet: { maintenance: [], damping: [], folding: RULES },
    http: {
      connect: () => Promise.reject(new Error('no network')),
      readText: () => Promise.reject(new Error('no files')),
      send: ({ body: text }) => {
        const { status, groupLabels, commonAnnotations } = body.parse(JSON.parse(text));
        const { dependants } = commonAnnotations;
        const at = (clock.now() - start) / SECOND;
        told.push(
          `${at} ${status} ${groupLabels.service}${dependants === undefined ? '' : `: ${dependants}`}`,
        );
        return Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0) });
      },
    },
  });
  const say = async (service: string, seconds: number): Promise<void> => {
    await alertmanager.receive([
      {
        labels: new Map([
          ['alertname', 'Fails'],
          ['service', service],
        ]),
        annotations: new Map(),
        startsAt: clock.now(),
        endsAt: clock.now() + seconds * SECOND,
        generatorUrl: '',
      },
    ]);
    await settle();
  };
  return {
    alertmanager,
    told,
    standings,
    fires: (service: string) => say(service, 86_400),
    silence: async () => {
      await alertmanager.silences.set({
        id: null,
        matchers: [{ name: 'service', op: '=', value: 'db' }],
        startsAt: clock.now(),
        endsAt: clock.now() + 86_400_000,
        createdBy: '',
        comment: '',
        annotations: new Map(),
      });
    },
    ends: (service: string) => say(service, 0),
    pass: async (seconds: number) => {
      for (let i = 0; i < seconds; i++) {
        await clock.advance(SECOND);
        await settle();
      }
    },
    stop,
  };
}

const CALLS = new Map([
  ['gateway', new Set(['order'])],
  ['order', new Set(['db'])],
]);

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a dead database', () => {
  it('pages once, with its dependants listed, whoever comes first', async () => {
    for (const order of [
      ['db', 'order', 'gateway'],
      ['gateway', 'order', 'db'],
    ]) {
      const { told, standings, fires, pass, stop } = await setup();
      standings.set('db', UNWELL);
      for (const service of order) {
        await fires(service);
        await pass(3);
      }
      await pass(900);
      const at = order[0] === 'db' ? 10 : 16;
      expect(told).toEqual([`${at} firing db: gateway (Fails), order (Fails)`]);
      await stop();
    }
  });

  it('says that dependants were told before it was', async () => {
    const { told, fires, pass, ends, stop } = await setup();
    await fires('gateway');
    await pass(100);
    await fires('db');
    await pass(700);
    await ends('gateway');
    await pass(700);
    expect(told).toEqual([
      '10 firing gateway',
      '110 firing db: gateway (Fails, told before)',
      '1100 resolved gateway',
    ]);
    await stop();
  });

  it('lets go of dependants that still fire a while after its end, and not before', async () => {
    const { alertmanager, told, fires, pass, ends, stop } = await setup();
    await fires('db');
    await fires('order');
    await fires('gateway');
    await pass(60);
    const standing = alertmanager
      .received()
      .map(({ alert, folded }) => [alert.labels.get('service'), folded]);
    const db = alertmanager.received().find(({ alert }) => alert.labels.get('service') === 'db');
    expect(Object.fromEntries(standing)).toEqual({
      db: null,
      order: { into: [db?.alert.fingerprint], reason: 'part of Fails of db (order calls db)' },
      gateway: {
        into: [db?.alert.fingerprint],
        reason: 'part of Fails of db (gateway calls order, which calls db)',
      },
    });
    await ends('db');
    await ends('gateway');
    await pass(299);
    expect(told).toEqual(['10 firing db: gateway (Fails), order (Fails)']);
    await pass(1);
    expect(told.slice(1)).toEqual(['360 firing order']);
    await pass(600);
    expect(told.slice(2)).toEqual(['610 resolved db']);
    const order = alertmanager.received().find(({ alert }) => alert.labels.get('service') === 'order');
    const { threads } = await alertmanager.why(order?.alert.fingerprint ?? '');
    const reasons = threads.flatMap(({ decisions }) =>
      decisions.filter(({ outcome }) => outcome === 'folded').map(({ reason }) => reason),
    );
    expect(reasons).toContain('part of Fails of db (order calls db)');
    await stop();
  });

  it('keeps those of its dependants that recover later than it', async () => {
    const { told, standings, fires, pass, stop } = await setup();
    standings.set('db', UNWELL);
    await fires('db');
    await pass(60);
    standings.set('db', { ...UNWELL, failsCallers: false });
    await fires('order');
    await pass(60);
    expect(told).toEqual(['10 firing db']);
    await stop();
  });

  it('is not to blame for what its callers do not feel', async () => {
    const { told, standings, fires, pass, stop } = await setup();
    standings.set('db', { ...UNWELL, failsCallers: false });
    await fires('db');
    await fires('order');
    await pass(60);
    expect(told).toEqual(['10 firing db', '10 firing order']);
    await stop();
  });

  it('keeps its dependants only where somebody is told of it: not when it is silenced before, but after', async () => {
    for (const isBefore of [true, false]) {
      const { silence, told, fires, pass, stop } = await setup();
      if (isBefore) await silence();
      await fires('db');
      await fires('order');
      await pass(60);
      if (!isBefore) await silence();
      await pass(900);
      expect(told).toEqual([isBefore ? '10 firing order' : '10 firing db: order (Fails)']);
      await stop();
    }
  });

  it('does not keep its dependants waiting when nobody tells of it', async () => {
    const { told, standings, fires, pass, stop } = await setup();
    standings.set('db', UNWELL);
    await fires('gateway');
    await pass(59);
    expect(told).toEqual([]);
    await pass(1);
    expect(told).toEqual(['60 firing gateway']);
    await stop();
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BLUE } from '../../http/testing/test-app.ts';
import { RulesBench } from '../rules/testing/bench.ts';
import { openTestAlertmanager, type TestAlertmanager } from '../testing/open.ts';
import { alertCounts } from './alert-routes.ts';

const CONFIG = `
route:
  receiver: all
  group_by: [alertname]
  group_wait: 10s
  routes:
    - { receiver: pager, matchers: [ 'severity="page"' ], continue: true }
    - { receiver: night, matchers: [ 'team="night"' ], mute_time_intervals: [ always ] }
inhibit_rules: [ { source_matchers: [ 'alertname="Down"' ], target_matchers: [ 'alertname="Slow"' ], equal: [job] } ]
time_intervals: [ { name: always, time_intervals: [ {} ] } ]
receivers:
  - { name: all, webhook_configs: [ { url: 'http://all/' } ] }
  - { name: pager, webhook_configs: [ { url: 'http://pager/' } ], victorops_configs: [ { api_key: k, routing_key: r } ] }
  - { name: night }
`;
const RULES = `
groups:
  - name: shop
    rules:
      - alert: Down
        expr: up < 1
        labels: { severity: page }
        annotations: { summary: '{{ $labels.job }} is down' }
      - { alert: Slow, expr: 'latency > 0.5 and up', for: 5m }
      - { record: 'job:up', expr: 'sum by (job) (up)' }
`;

let bench: RulesBench;
let open: TestAlertmanager;
afterEach(async () => {
  await open.stop();
  await bench.close();
});

/** Rules over memory whose alerts come into an Alertmanager, on one clock. */
async function world(post: (url: string) => number = () => 200) {
  bench = await RulesBench.start({ 'a.yml': RULES }, { externalLabels: { site: 'here' } });
  const { manager, clock } = bench;
  open = await openTestAlertmanager(CONFIG, {
    clock,
    rules: manager,
    http: {
      send: ({ url }) => Promise.resolve({ status: post(url), headers: {}, body: Buffer.alloc(0) }),
      connect: () => Promise.reject(new Error('no network')),
      readText: () => Promise.reject(new Error('no files')),
    },
  });
  const { alertmanager, app } = open;
  manager.onAlerts((alerts) => void alertmanager.receive(alerts));
  const ask = async (path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const answer = await app.inject({
      method: body === undefined ? 'GET' : 'POST',
      url: `/api/v1/alerting/${path}`,
      headers: {
        host: 'localhost',
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { payload: JSON.stringify(body) }),
    });
    const json: unknown = JSON.parse(answer.body);
    return { status: answer.statusCode, json };
  };
  const samples = async () => {
    await bench.sample('up', 0, { job: 'a' });
    await bench.sample('up', 1, { job: 'b' });
    await bench.sample('latency', 2, { job: 'b' });
  };
  return { ask, samples, pass: (ms: number) => bench.pass(ms) };
}

const page = z.object({
  total: z.number(),
  rules: z.number(),
  counts: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
  alerts: z.array(
    z.looseObject({
      fingerprint: z.string(),
      state: z.string(),
      labels: z.record(z.string(), z.string()),
      rule: z.looseObject({ id: z.string() }).nullable(),
    }),
  ),
});
const shown = (json: unknown) =>
  page.parse(json).alerts.map(({ state, labels }) => `${state} ${labels['alertname']}`);

const received = async (labels: Record<string, string>) =>
  open.alertmanager.receive([
    {
      labels: new Map(Object.entries(labels)),
      annotations: new Map(),
      startsAt: bench.clock.now(),
      endsAt: bench.clock.now() + 3_600_000,
      generatorUrl: '',
    },
  ]);

describe('GET alerts', () => {
  it('are those of rules and of others, each once, with what keeps them quiet', async () => {
    const { ask, samples, pass } = await world();
    await samples();
    await pass(60_000);
    await received({ alertname: 'Slow', job: 'a', site: 'here' });
    await received({ alertname: 'Late', team: 'night' });
    await received({ alertname: 'Else', severity: 'info' });
    const { json } = await ask('alerts');
    expect(shown(json)).toEqual([
      'firing Down',
      'firing Else',
      'pending Slow',
      'inhibited Slow',
      'muted Late',
    ]);
    expect(page.parse(json)).toMatchObject({
      total: 5,
      rules: 2,
      counts: { firing: 2, pending: 1, silenced: 0, inhibited: 1, folded: 0, muted: 1, loudest: 'critical' },
    });
    expect(alertCounts({ alertmanager: open.alertmanager, rules: bench.manager })).toEqual(
      page.parse(json).counts,
    );
    expect(page.parse(json).alerts[0]).toMatchObject({
      labels: { alertname: 'Down', job: 'a', severity: 'page', site: 'here' },
      annotations: { summary: 'a is down' },
      value: '0',
      rule: { group: 'shop', name: 'Down' },
      receivers: ['pager'],
    });
    expect(shown((await ask('alerts?state=pending&state=muted')).json)).toEqual([
      'pending Slow',
      'muted Late',
    ]);
    expect(shown((await ask(`alerts?filter=${encodeURIComponent('job=~"a|b"')}&receiver=all`)).json)).toEqual(
      ['pending Slow', 'inhibited Slow'],
    );
    expect(shown((await ask('alerts?limit=1')).json)).toEqual(['firing Down']);
  });

  it('refuse what is no matcher, no state, no limit, and other tenants', async () => {
    const { ask } = await world();
    for (const query of ['filter=a', 'state=loud', 'limit=-1', 'limit=many', 'receiver=(', 'limit=10001'])
      expect([query, (await ask(`alerts?${query}`)).status]).toEqual([query, 400]);
    expect((await ask('alerts', undefined, BLUE)).status).toBe(404);
  });
});

describe('one alert', () => {
  it('comes with its rule, its curve, its limit and its history', async () => {
    const { ask, samples, pass } = await world();
    await samples();
    await pass(60_000);
    const alerts = page.parse((await ask('alerts')).json).alerts;
    const slow = alerts.find(({ labels }) => labels['alertname'] === 'Slow');
    const one = await ask(`alerts/${slow?.fingerprint}`);
    expect(one.json).toMatchObject({
      alert: { state: 'pending', receivers: ['all'] },
      rule: {
        id: slow?.rule?.id,
        for_ms: 300_000,
        chart: { query: 'latency', threshold: { op: '>', value: 0.5 } },
      },
      history_query: 'ALERTS{alertname="Slow",job="b"}',
    });
    expect((await ask('alerts/0123456789abcdef')).status).toBe(404);
    expect((await ask('alerts/nobody')).status).toBe(400);
  });
});

describe('silences/preview', () => {
  it('tells which alerts would be kept quiet', async () => {
    const { ask, samples, pass } = await world();
    await samples();
    await pass(60_000);
    const preview = async (name: string, value: string, isRegex = false) =>
      (await ask('silences/preview', { matchers: [{ name, value, isRegex, isEqual: true }] })).json;
    expect(await preview('alertname', 'Down|Slow', true)).toMatchObject({ total: 2 });
    // A label that is missing is the empty text, as for silences themselves.
    expect(await preview('severity', '')).toMatchObject({ total: 1, alerts: [{ state: 'pending' }] });
    for (const body of [{}, { matchers: [] }, { matchers: [{ name: 'a', value: '(', isRegex: true }] }])
      expect((await ask('silences/preview', body)).status).toBe(400);
  });
});

describe('rules', () => {
  it('stand by file and group with their health, and each by its id', async () => {
    const { ask, samples, pass } = await world();
    await samples();
    await pass(60_000);
    const { json } = await ask('rules');
    expect(json).toMatchObject({
      groups: [
        {
          name: 'shop',
          interval_ms: 60_000,
          rules: [
            { name: 'Down', kind: 'alerting', firing: 1, pending: 0, health: 'ok' },
            { name: 'Slow', firing: 0, pending: 1, for_ms: 300_000 },
            { name: 'job:up', kind: 'recording', firing: 0 },
          ],
        },
      ],
    });
    const { groups } = z
      .object({ groups: z.array(z.object({ rules: z.array(z.looseObject({ id: z.string() })) })) })
      .parse(json);
    const ids = groups.flatMap(({ rules }) => rules.map(({ id }) => id));
    expect(new Set(ids).size).toBe(3);
    expect((await ask(`rules/${ids[0]}`)).json).toMatchObject({
      name: 'Down',
      group: 'shop',
      annotations: { summary: '{{ $labels.job }} is down' },
      chart: { query: 'up', threshold: { op: '<', value: 1 } },
    });
    expect((await ask('rules/0123456789abcdef')).status).toBe(404);
    expect((await ask('rules/1')).status).toBe(400);
  });
});

describe('routes', () => {
  it('are listed depth first, with receivers and what of them is skipped', async () => {
    const { ask } = await world();
    expect((await ask('routes')).json).toMatchObject({
      routes: [
        { depth: 0, receiver: 'all', matchers: [], group_by: ['alertname'], group_wait_ms: 10_000 },
        { depth: 1, receiver: 'pager', matchers: ['severity="page"'], continues: true },
        { depth: 1, receiver: 'night', mute_time_intervals: ['always'] },
      ],
      receivers: [
        { name: 'all', integrations: [{ name: 'webhook[0]', sent: true }] },
        {
          name: 'pager',
          integrations: [
            { name: 'victorops[0]', sent: false },
            { name: 'webhook[0]', sent: true },
          ],
        },
        { name: 'night', integrations: [] },
      ],
      inhibit_rules: 1,
    });
  });
});

describe('deliveries', () => {
  it('tell state, tries and what went wrong, also while the engine is away', async () => {
    let answers = 0;
    const { ask } = await world((url) => {
      if (url === 'http://pager/') return 400;
      return answers++ < 2 ? 503 : 200;
    });
    await received({ alertname: 'A', severity: 'page' });
    await received({ alertname: 'B', n: '1' });
    await received({ alertname: 'B', n: '2' });
    let json: unknown;
    // Attempts end between two steps of the clock, on any machine after some of them; the next flush is due after five minutes.
    for (let second = 0; second < 240; second++) {
      await bench.pass(1000, 1000);
      ({ json } = await ask('deliveries'));
      if (second > 10 && !JSON.stringify(json).includes('"state":"waiting"')) break;
    }
    expect(json).toMatchObject({
      partial: true,
      total: 2,
      receivers: [
        { receiver: 'pager', counts: { failed: 1, sent: 0 }, last_sent_at: null },
        { receiver: 'all', counts: { failed: 0, sent: 1 } },
      ],
    });
    const { deliveries } = z
      .object({ deliveries: z.array(z.looseObject({ receiver: z.string() })) })
      .parse(json);
    const of = (name: string) => deliveries.find(({ receiver }) => receiver === name);
    expect(of('all')).toMatchObject({ state: 'sent', attempts: 3, alerts: 2, error: '' });
    expect(of('all')?.['reason']).toBe('to be told: the receiver has not heard of the group');
    expect(of('pager')).toMatchObject({ state: 'failed', attempts: 1, alerts: 1, about: [{ title: 'A' }] });
    expect(of('all')).toMatchObject({ about: [{ title: 'B' }, { title: 'B' }] });
    expect(of('pager')?.['error']).toMatch(/400/);
    expect((await ask('deliveries?state=failed&receiver=pager')).json).toMatchObject({ total: 1 });
    expect((await ask('deliveries?receiver=nobody')).json).toMatchObject({ total: 0, receivers: [{}, {}] });
    for (const query of ['window=1s', 'state=lost', 'limit=0', 'end=never'])
      expect([query, (await ask(`deliveries?${query}`)).status]).toEqual([query, 400]);
  });
});

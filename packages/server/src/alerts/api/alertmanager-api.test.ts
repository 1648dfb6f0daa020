import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BLUE } from '../../http/testing/test-app.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { openTestAlertmanager, type TestAlertmanager } from '../testing/open.ts';

const CONFIG = `
route:
  receiver: all
  group_by: [alertname]
  routes: [ { receiver: pager, matchers: [ 'severity="page"' ] } ]
inhibit_rules: [ { source_matchers: [ 'alertname="Down"' ], target_matchers: [ 'alertname="Slow"' ], equal: [host] } ]
receivers: [ { name: all }, { name: pager, webhook_configs: [ { url: 'http://h/secret' } ] } ]
`;
const NOW = new ManualClock().now();
const time = (ms: number): string => new Date(NOW + ms).toISOString();

let open: TestAlertmanager | undefined;
afterEach(() => open?.stop());

async function world(over: Parameters<typeof openTestAlertmanager>[1] = {}) {
  open = await openTestAlertmanager(CONFIG, over);
  const { app } = open;
  const ask = async (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const answer = await app.inject({
      method,
      url: path,
      headers: { host: 'localhost', ...headers },
      ...(body !== undefined && {
        payload: JSON.stringify(body),
        headers: { host: 'localhost', 'content-type': 'application/json', ...headers },
      }),
    });
    const json: unknown = answer.body === '' ? null : JSON.parse(answer.body);
    return { status: answer.statusCode, json };
  };
  return { ask, open };
}

const fires = (labels: Record<string, string>) => ({
  labels,
  annotations: {},
  startsAt: time(0),
  endsAt: time(600_000),
});
const listed = z.array(z.looseObject({ labels: z.record(z.string(), z.string()), fingerprint: z.string() }));
const names = (json: unknown) =>
  listed
    .parse(json)
    .map(({ labels }) => labels['alertname'])
    .sort();

describe('alerts', () => {
  it('are taken, listed by filters and states, and grouped', async () => {
    const { ask } = await world();
    const alerts = [
      fires({ alertname: 'Down', host: 'x', severity: 'page' }),
      fires({ alertname: 'Slow', host: 'x' }),
      fires({ alertname: 'Slow', host: 'y' }),
    ];
    expect(await ask('POST', '/api/v2/alerts', alerts)).toEqual({ status: 200, json: null });
    const list = async (query: string) => names((await ask('GET', `/api/v2/alerts?${query}`)).json);
    expect(await list('')).toEqual(['Down', 'Slow', 'Slow']);
    expect(await list('inhibited=false')).toEqual(['Down', 'Slow']);
    expect(await list('filter=host%3Dx&filter=alertname%3D~S.*')).toEqual(['Slow']);
    expect(await list('receiver=pag.*')).toEqual(['Down']);
    expect((await ask('GET', '/api/v2/alerts/groups')).json).toMatchObject([
      { labels: { alertname: 'Down' }, receiver: { name: 'pager' } },
      { labels: { alertname: 'Slow' }, receiver: { name: 'all' } },
    ]);
  });

  it('that are wrong are refused in words, the others are taken', async () => {
    const { ask } = await world();
    const wrong = { labels: { a: '1' }, startsAt: time(0), endsAt: time(-1000) };
    expect(await ask('POST', '/api/v2/alerts', [wrong, fires({ alertname: 'A' })])).toEqual({
      status: 400,
      json: 'start time must be before end time',
    });
    expect(names((await ask('GET', '/api/v2/alerts')).json)).toEqual(['A']);
    expect((await ask('GET', '/api/v2/alerts?filter=a')).status).toBe(400);
    expect((await ask('POST', '/api/v2/alerts', { a: 1 })).status).toBe(400);
  });

  it('beyond the limit are refused, and known ones are not', async () => {
    const { ask } = await world({ maxAlerts: 2 });
    expect((await ask('POST', '/api/v2/alerts', [fires({ a: '1' }), fires({ a: '2' })])).status).toBe(200);
    expect(await ask('POST', '/api/v2/alerts', [fires({ a: '3' })])).toEqual({
      status: 503,
      json: '2 alerts are known, 2 is the limit: 1 new one was not taken',
    });
    expect((await ask('POST', '/api/v2/alerts', [fires({ a: '2' })])).status).toBe(200);
  });

  it('beyond the limit do not keep out what is known, nor what there is room for', async () => {
    const { ask, open: server } = await world({ maxAlerts: 3 });
    const known = async () =>
      server.alertmanager.known().map(({ labels, endsAt }) => [labels.get('a'), endsAt - NOW]);
    const until = (a: string, ms: number) => ({ ...fires({ a }), endsAt: time(ms) });
    expect((await ask('POST', '/api/v2/alerts', [until('1', 60_000), until('2', 60_000)])).status).toBe(200);
    const sent = [until('3', 60_000), until('4', 60_000), until('5', 60_000), until('4', 60_000)];
    expect(await ask('POST', '/api/v2/alerts', [...sent, until('1', 120_000), until('2', 0)])).toEqual({
      status: 503,
      json: '3 alerts are known, 3 is the limit: 2 new ones were not taken',
    });
    expect(await known()).toEqual([
      ['1', 120_000],
      ['2', 0],
      ['3', 60_000],
    ]);
  });

  it('that ended and that nobody knows need no room', async () => {
    const { ask, open: server } = await world({ maxAlerts: 2 });
    const ended = (a: string) => ({ ...fires({ a }), startsAt: time(-60_000), endsAt: time(0) });
    expect(
      (await ask('POST', '/api/v2/alerts', [ended('1'), fires({ a: '2' }), fires({ a: '3' })])).status,
    ).toBe(200);
    expect((await ask('POST', '/api/v2/alerts', [ended('1')])).status).toBe(200);
    expect(server.alertmanager.known().map(({ labels }) => labels.get('a'))).toEqual(['2', '3']);
  });

  it('that were acknowledged are there after a restart, silences too', async () => {
    const { ask, open: before } = await world();
    await ask('POST', '/api/v2/alerts', [fires({ alertname: 'A' })]);
    await ask('POST', '/api/v2/silences', silence('A'));
    await before.stop();
    const { state } = before;
    const { ask: again } = await world({ state });
    expect((await again('GET', '/api/v2/alerts')).json).toMatchObject([
      { labels: { alertname: 'A' }, status: { state: 'suppressed', silencedBy: ['id-1'] } },
    ]);
  });
});

const silence = (name: string, more: object = {}) => ({
  matchers: [{ name: 'alertname', value: name, isRegex: false, isEqual: true }],
  startsAt: time(0),
  endsAt: time(3_600_000),
  createdBy: 'me',
  comment: 'why',
  ...more,
});

describe('silences', () => {
  it('are made, changed, listed and ended', async () => {
    const { ask } = await world();
    const states = async () =>
      z
        .array(z.looseObject({ id: z.string(), status: z.object({ state: z.string() }) }))
        .parse((await ask('GET', '/api/v2/silences')).json)
        .map(({ id, status }) => `${id} ${status.state}`);
    expect((await ask('POST', '/api/v2/silences', silence('A'))).json).toEqual({ silenceID: 'id-1' });
    const longer = silence('A', { id: 'id-1', endsAt: time(7_200_000) });
    expect((await ask('POST', '/api/v2/silences', longer)).json).toEqual({ silenceID: 'id-1' });
    const other = silence('B', { id: 'id-1' });
    expect((await ask('POST', '/api/v2/silences', other)).json).toEqual({ silenceID: 'id-3' });
    expect((await ask('GET', '/api/v2/silence/id-3')).json).toMatchObject({ comment: 'why' });
    expect((await ask('DELETE', '/api/v2/silence/id-3')).status).toBe(200);
    expect(await states()).toEqual(['id-1 active', 'id-3 active']);
    expect((await ask('GET', '/api/v2/silence/none')).status).toBe(404);
    expect((await ask('DELETE', '/api/v2/silence/none')).status).toBe(404);
    expect((await ask('POST', '/api/v2/silences', silence('A', { id: 'none' }))).status).toBe(404);
  });

  it('that are wrong are refused', async () => {
    const { ask } = await world();
    expect(await ask('POST', '/api/v2/silences', silence('A', { matchers: [] }))).toEqual({
      status: 400,
      json: 'invalid silence: at least one matcher required',
    });
  });
});

describe('the rest', () => {
  it('says what is configured, without secrets', async () => {
    const { ask } = await world();
    expect((await ask('GET', '/api/v2/receivers')).json).toEqual([{ name: 'all' }, { name: 'pager' }]);
    const status = z.looseObject({ config: z.object({ original: z.string() }) });
    const { original } = status.parse((await ask('GET', '/api/v2/status')).json).config;
    expect(original).toContain('https://secret/');
    expect(original).not.toContain('http://h/secret');
  });

  it('is the default tenant’s alone', async () => {
    const { ask } = await world();
    expect((await ask('GET', '/api/v2/alerts', undefined, BLUE)).status).toBe(404);
    expect((await ask('POST', '/api/v1/alerting/routes/test', { labels: {} }, BLUE)).status).toBe(404);
  });

  it('tells the way of labels, and why nobody was told', async () => {
    const { ask } = await world();
    expect(
      (await ask('POST', '/api/v1/alerting/routes/test', { labels: { severity: 'warn' } })).json,
    ).toEqual({
      receivers: ['all'],
      steps: [
        { route: '{}', depth: 0, receiver: 'all', matches: true, failed: null },
        {
          route: '{}/{severity="page"}/0',
          depth: 1,
          receiver: 'pager',
          matches: false,
          failed: 'severity="page"',
        },
      ],
    });
    await ask('POST', '/api/v2/alerts', [fires({ alertname: 'A' })]);
    const [alert] = listed.parse((await ask('GET', '/api/v2/alerts')).json);
    const told = await ask('GET', `/api/v1/alerting/alerts/${alert?.fingerprint}/why`);
    expect(told.json).toMatchObject({
      told: false,
      threads: [{ receiver: 'all', verdict: { outcome: 'grouped' }, decisions: [{ outcome: 'routed' }, {}] }],
    });
  });
});

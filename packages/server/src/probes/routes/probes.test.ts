import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { BLUE, openTestApp } from '../../http/testing/test-app.ts';
import type { HttpApp } from '../../http/types.ts';
import { ManualClock } from '../../kernel/clock.ts';
import { maintenanceWindow } from '../maintenance.ts';
import type { ProbeService } from '../service.ts';
import { define, testProbes } from '../testing/service.ts';
import { probesApi } from './probes.ts';

let app: HttpApp;
let service: ProbeService;
afterEach(async () => {
  await service.stop();
  await app.close();
});

async function setup(options: Parameters<typeof testProbes>[1] = {}) {
  const clock = new ManualClock();
  ({ service } = await testProbes(clock, options));
  const history = {
    range: () => Promise.resolve([{ values: Float64Array.of(1, 0.5, Number.NaN), label: () => 'connect' }]),
  };
  app = await openTestApp([probesApi({ service, history, now: () => clock.now() })]);
  const send = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    payload?: object,
    headers = {},
  ) => {
    const answer = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
  };
  return { clock, send };
}
const HTTP = {
  type: 'http',
  name: 'shop',
  target: 'http://10.0.0.1/',
  service: 'order-service',
  bearer_token: 'geheim',
  headers: { 'X-Api-Key': 'geheim', accept: 'x' },
};

describe('/api/v1/probes', () => {
  it('makes, shows without secrets, changes on the version seen, pauses and removes', async () => {
    const { send } = await setup();
    const made = await send('POST', '/api/v1/probes', HTTP);
    expect([
      made.status,
      made.body.service,
      made.body.version,
      JSON.stringify(made.body).includes('geheim'),
    ]).toEqual([201, 'order', 1, false]);
    const at = `/api/v1/probes/${made.body.id}`;
    const changed = await send('PUT', `${at}?version=${made.body.version}`, {
      ...made.body.definition,
      interval: '30s',
    });
    expect([changed.status, changed.body.definition.interval]).toEqual([200, '30s']);
    expect(changed.body.version).toBeGreaterThan(made.body.version);
    expect(service.all('default')[0]?.definition).toMatchObject({
      bearer_token: 'geheim',
      headers: { 'X-Api-Key': 'geheim', accept: 'x' },
    });
    expect((await send('PUT', `${at}?version=${made.body.version}`, HTTP)).body.error).toMatchObject({
      code: 'probes.conflict',
    });
    expect((await send('POST', `${at}/pause`)).body).toMatchObject({ paused: true });
    expect((await send('GET', '/api/v1/probes?status=paused')).body).toMatchObject({
      total: 1,
      counts: { all: 1, paused: 1 },
    });
    expect((await send('POST', `${at}/resume`)).body).toMatchObject({ paused: false });
    expect((await send('POST', '/api/v1/probes', HTTP)).status).toBe(409);
    expect((await send('GET', at, undefined, BLUE)).status).toBe(404);
    expect((await send('GET', `${at}/history?hours=1`)).body).toMatchObject({
      uptime: 0.75,
      up: [1, 0.5, null],
      phases: { connect: [1000, 500, null] },
    });
    expect([(await send('DELETE', at)).status, (await send('DELETE', at)).status]).toEqual([204, 404]);
  });

  it('lists in pages, the worst first, by words', async () => {
    const { send, clock } = await setup({
      ping: (address) =>
        address === '10.0.0.3' ? Promise.reject(new Error('no echo')) : Promise.resolve({ seconds: 0.001 }),
    });
    for (let i = 1; i <= 5; i++)
      await service.create(
        'default',
        define({
          type: 'icmp',
          name: `host ${i}`,
          target: `10.0.0.${i}`,
          retries: 0,
          interval: '10s',
          tags: i > 3 ? ['edge'] : [],
        }),
      );
    // One interval: whatever its place in it, each looks once.
    await clock.advance(10_000);
    const { body } = await send('GET', '/api/v1/probes?limit=2');
    expect([body.total, body.probes.map((row: { name: string }) => row.name)]).toEqual([
      5,
      ['host 3', 'host 1'],
    ]);
    expect(body.probes[0]).toMatchObject({
      status: 'unhealthy',
      reason: 'no echo',
      recent: [null],
      target: '10.0.0.3',
    });
    expect((await send('GET', '/api/v1/probes?q=EDGE%20host&offset=1')).body).toMatchObject({
      total: 2,
      probes: [{ name: 'host 5' }],
    });
  });

  it('refuses what is wrong with the field, the value and what was expected', async () => {
    const { send } = await setup({
      configured: {
        checks: [define({ type: 'icmp', target: 'a' })],
        maintenance: [maintenanceWindow.parse({ title: 'x', at: '01:00', duration: '1h' })],
      },
    });
    for (const [payload, problem] of [
      [{}, /type/],
      [{ ...HTTP, interval: 'often' }, /interval: "often" is not a duration from 1s to 1d/],
      [{ ...HTTP, target: 'ftp://x' }, /target: expected an http or https address/],
      [{ ...HTTP, expect: { matches: ['('] } }, /expect.*"\(" is not a pattern of RE2/],
      [{ ...HTTP, expect: { status: ['abc'] } }, /expected a status such as 200, 2xx/],
      [{ ...HTTP, tls: { ca: 'rot' } }, /the probe "shop" cannot run/],
      [{ ...HTTP, headers: { 'a b': 'x' } }, /expected a header name/],
      [{ type: 'tcp', name: 'x', target: 'a' }, /expected a host and a port/],
      [{ type: 'dns', name: 'x', target: 'a', server: 'b', record: 'Q' }, /record/],
    ] as const) {
      const answer = await send('POST', '/api/v1/probes', payload);
      expect([answer.status, answer.body.error.message]).toEqual([400, expect.stringMatching(problem)]);
    }
    const id = service.all('default')[0]?.id ?? '';
    expect((await send('DELETE', `/api/v1/probes/${id}`)).body.error).toMatchObject({
      code: 'probes.configured',
    });
  });

  it('tries a definition without saving it, under the rules of the API', async () => {
    const { send } = await setup();
    const icmp = { type: 'icmp', name: 'x', target: '10.0.0.1' };
    expect((await send('POST', '/api/v1/probes/test', icmp)).body).toMatchObject({
      success: true,
      reason: '',
    });
    expect(
      (await send('POST', '/api/v1/probes/test', { ...icmp, target: '169.254.169.254' })).body.reason,
    ).toContain('credentials');
    expect((await send('POST', '/api/v1/probes/test', { type: 'heartbeat', name: 'x' })).status).toBe(400);
    expect(service.all('default')).toEqual([]);
    const { body } = await send('POST', '/api/v1/probes', icmp);
    expect((await send('POST', `/api/v1/probes/${body.id}/test`)).body.success).toBe(true);
    expect(service.all('default')[0]?.last).toBe(null);
  });

  it('never sends masked secrets to another host than they were given for', async () => {
    const { send } = await setup();
    const { body } = await send('POST', '/api/v1/probes', HTTP);
    const elsewhere = { ...body.definition, target: 'http://10.0.0.2/' };
    for (const [method, path] of [
      ['PUT', `/api/v1/probes/${body.id}`],
      ['POST', `/api/v1/probes/test?id=${body.id}`],
      ['POST', '/api/v1/probes/test'],
    ] as const) {
      const { status, body: answer } = await send(method, path, elsewhere);
      expect([status, answer.error.details.problems.map((one: { field: string }) => one.field)]).toEqual([
        400,
        ['body.headers.X-Api-Key', 'body.bearer_token'],
      ]);
    }
    const moved = { ...body.definition, target: 'http://10.0.0.1/other' };
    expect((await send('PUT', `/api/v1/probes/${body.id}`, moved)).status).toBe(200);
    expect(service.all('default')[0]?.definition).toMatchObject({ bearer_token: 'geheim' });
  });

  it('shows no secret of an address, in lists, labels, reasons and logs, and asks with it', async () => {
    const { send } = await setup();
    const target = 'http://user:geheim@10.0.0.1/status?token=geheim&page=1';
    const shown = 'http://user:<secret>@10.0.0.1/status?token=<secret>&page=1';
    const { body } = await send('POST', '/api/v1/probes', {
      ...HTTP,
      headers: {},
      bearer_token: undefined,
      target,
    });
    const listed = await send('GET', '/api/v1/probes');
    expect([body.target, body.definition.target, listed.body.probes[0].target]).toEqual([
      shown,
      shown,
      shown,
    ]);
    const at = `/api/v1/probes/${body.id}`;
    const known = () => service.all('default')[0]?.definition;
    expect((await send('PUT', at, { ...body.definition, interval: '30s' })).status).toBe(200);
    expect(known()).toMatchObject({ interval: '30s', target });
    const other = shown.replace('page=1', 'page=2').replace('/status', '/other');
    expect((await send('PUT', at, { ...body.definition, target: other })).status).toBe(200);
    expect(known()).toMatchObject({ target: 'http://user:geheim@10.0.0.1/other?token=geheim&page=2' });
    const away = await send('PUT', at, { ...body.definition, target: shown.replace('10.0.0.1', '10.0.0.2') });
    expect([away.status, away.body.error.details.problems[0].field]).toEqual([400, 'body.target']);
    expect((await send('POST', '/api/v1/probes/test', { ...body.definition })).status).toBe(400);
    // A mask where there was no secret is none.
    const renamed = await send('PUT', at, {
      ...body.definition,
      target: other.replace('token=', 'api_key='),
    });
    expect([renamed.status, renamed.body.error.details.problems[0].field]).toEqual([400, 'body.target']);
    const typed = { ...body.definition, target: other.replace('user:<secret>', 'user:100%') };
    expect((await send('PUT', at, typed)).status).toBe(200);
    expect(known()).toMatchObject({ target: 'http://user:100%@10.0.0.1/other?token=geheim&page=2' });
  });

  it('changes the path of an address whose user is a token', async () => {
    const { send } = await setup();
    const made = { ...HTTP, headers: {}, bearer_token: undefined, target: 'http://geheim@10.0.0.1/a' };
    const { body } = await send('POST', '/api/v1/probes', made);
    expect(body.target).toBe('http://<secret>@10.0.0.1/a');
    const changed = { ...body.definition, target: 'http://<secret>@10.0.0.1/b' };
    expect((await send('PUT', `/api/v1/probes/${body.id}`, changed)).status).toBe(200);
    expect(service.all('default')[0]?.definition).toMatchObject({ target: 'http://geheim@10.0.0.1/b' });
    const away = { ...body.definition, target: 'http://<secret>@10.0.0.2/b' };
    expect((await send('PUT', `/api/v1/probes/${body.id}`, away)).status).toBe(400);
  });

  it('keeps maintenance windows', async () => {
    const { send } = await setup();
    const at = '/api/v1/probes/maintenance';
    const once = { title: 'move', from: '2026-01-01T00:00:00Z', to: '2026-01-01T02:00:00Z' };
    const made = await send('POST', at, once);
    expect([made.status, made.body]).toEqual([
      201,
      expect.objectContaining({ configured: false, open: true }),
    ]);
    expect((await send('POST', at, { ...once, to: once.from })).body.error.message).toContain(
      'expected a time after "from"',
    );
    expect((await send('PUT', `${at}/${made.body.id}?version=99`, once)).status).toBe(409);
    expect(
      (await send('PUT', `${at}/${made.body.id}`, { title: 'x', at: '12:00', duration: '1h' })).body.open,
    ).toBe(false);
    expect((await send('GET', at)).body.windows).toHaveLength(1);
    expect((await send('DELETE', `${at}/${made.body.id}`)).status).toBe(204);
    expect((await send('DELETE', `${at}/${made.body.id}`)).status).toBe(404);
  });

  it('takes heartbeats by their address alone', async () => {
    const { send } = await setup();
    const { body } = await send('POST', '/api/v1/probes', { type: 'heartbeat', name: 'backup' });
    expect((await send('POST', `${body.heartbeatPath}?status=down&msg=disk`)).body).toEqual({ ok: true });
    expect(service.all('default')[0]?.state).toMatchObject({ status: 'unhealthy', reason: 'disk' });
    expect((await send('GET', body.heartbeatPath)).status).toBe(200);
    expect((await send('GET', '/api/v1/heartbeat/guess')).status).toBe(404);
  });

  it('answers no body with a 5xx', async () => {
    const { send } = await setup();
    const keys = [
      'type',
      'name',
      'target',
      'interval',
      'expect',
      'tls',
      'headers',
      'steps',
      'server',
      'record',
      '__proto__',
      'constructor',
    ];
    const types = fc.constantFrom('http', 'tcp', 'dns', 'tls', 'icmp', 'heartbeat');
    const body = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()),
      fc.record(
        {
          type: types,
          name: fc.string({ minLength: 1 }),
          target: fc.oneof(fc.string(), fc.constant('http://10.0.0.1:1/')),
          expect: fc.jsonValue(),
          tls: fc.jsonValue(),
        },
        { requiredKeys: ['type', 'name'] },
      ),
    );
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        const payload = JSON.stringify(value);
        const answer = await app.inject({
          method: 'POST',
          url: '/api/v1/probes',
          headers: { 'content-type': 'application/json' },
          payload,
        });
        expect([payload, answer.statusCode < 500]).toEqual([payload, true]);
      }),
      { numRuns: 100 },
    );
    expect((await send('GET', '/api/v1/probes')).status).toBe(200);
  });
});

import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BLUE, openTestApp } from '../http/testing/test-app.ts';
import type { HttpApp } from '../http/types.ts';
import { openTestState } from '../journal/testing/index.ts';
import { ManualClock } from '../kernel/clock.ts';
import { silentLog } from '../kernel/log.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import {
  manageStatusApi,
  publicStatusApi,
  StatusPageService,
  StatusPageStore,
  type StatusSources,
  Subscriptions,
  statusPageTelemetry,
} from './index.ts';
import type { Letter } from './subscribe/subscriptions.ts';
import { DAY_MS } from './uptime.ts';

let app: HttpApp;
let service: StatusPageService;
afterEach(async () => {
  service.stop();
  await app.close();
});

const AT = '/api/v1/status-page';
const PAGE = {
  enabled: true,
  title: 'Shop <status>',
  webhooks: true,
  groups: [
    {
      name: 'Buying',
      components: [
        { name: 'Checkout', of: { probe: 'secret-probe' }, response_time: true },
        { name: 'Catalog', of: { service: 'secret-service' } },
      ],
    },
  ],
};

async function setup({ loginRequired = false } = {}) {
  const clock = new ManualClock(Date.UTC(2026, 0, 10, 12));
  const store = new StatusPageStore(await openTestState(), 'default');
  const states = { probe: 'healthy', service: 'healthy', maintenance: false } as {
    probe: 'healthy' | 'unhealthy';
    service: 'healthy' | 'degraded';
    maintenance: boolean;
  };
  const asked: string[] = [];
  const sources: StatusSources = {
    probe: (id) =>
      id === 'secret-probe'
        ? { name: 'internal "name"', status: states.probe, maintenance: states.maintenance }
        : null,
    service: () => ({ status: states.service, maintenance: false }),
    serviceStretches: (_, __, to) =>
      Promise.resolve([
        { from: to - 2 * DAY_MS, to: to - DAY_MS, status: 'unhealthy' },
        { from: to - DAY_MS, to, status: 'healthy' },
      ]),
    range: (query, { start, end, step }) => {
      asked.push(query);
      const value = query.includes('duration') ? 0.123 : 0.999;
      return Promise.resolve(new Float64Array(Math.floor((end - start) / step) + 1).fill(value));
    },
  };
  const letters: { readonly address: string; readonly letter: Letter }[] = [];
  let reachable = true;
  const subscriptions = new Subscriptions({
    clock,
    log: silentLog,
    telemetry: statusPageTelemetry(createTelemetry()),
    store,
    pageUrl: () => 'https://pharos.example/status',
    channels: {
      webhook: (address, letter) => {
        if (!reachable) return Promise.reject(new Error('gone'));
        letters.push({ address, letter });
        return Promise.resolve();
      },
    },
  });
  service = new StatusPageService({ clock, log: silentLog, store, sources, subscriptions });
  const pageUrl = () => 'https://pharos.example/status';
  app = await openTestApp(
    [
      publicStatusApi({ service, subscriptions, pageUrl }),
      manageStatusApi({ clock, store, service, pageUrl }),
    ],
    loginRequired
      ? {
          policy: { allowedHosts: new Set(['*']), allowedOrigins: new Set(), loginRequired: true },
        }
      : {},
  );
  await service.start();
  const admin = { authorization: 'Bearer any' };
  const send = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    payload?: object,
    headers = {},
  ) => {
    const answer = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    const json = String(answer.headers['content-type']).includes('json') && answer.body !== '';
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      json: json ? answer.json() : null,
    };
  };
  const save = async (page: object) => {
    const saved = await send('PUT', AT, page, admin);
    await service.compute();
    return saved;
  };
  return {
    clock,
    store,
    states,
    send,
    save,
    letters,
    asked,
    admin,
    reach: (to: boolean) => (reachable = to),
  };
}

describe('the public status page', () => {
  it('is not there before somebody turns it on, and shows nothing of the inside when it is', async () => {
    const { send, save, clock, states } = await setup();
    for (const path of [
      '/status',
      '/status/summary.json',
      '/status/feed.atom',
      '/status/badges/page/status.svg',
    ])
      expect([path, (await send('GET', path)).status]).toEqual([path, 404]);
    const saved = await save(PAGE);
    expect(saved.json).toMatchObject({
      page: { title: 'Shop <status>' },
      url: 'https://pharos.example/status',
    });
    const page = await send('GET', '/status');
    expect([page.status, page.headers['cache-control']]).toEqual([200, 'public, max-age=30']);
    expect(page.text).toContain('<h1>Shop &lt;status&gt;</h1>');
    expect(page.text).toContain('All systems operational');
    expect(page.text).toContain('99.9 % up in 90 days, 123 ms');
    const { text, json } = await send('GET', '/status/summary.json');
    for (const secret of ['secret-probe', 'secret-service', 'internal', '"of"'])
      expect([page.text.includes(secret), text.includes(secret)]).toEqual([false, false]);
    expect(json.groups[0].components[0].days).toHaveLength(90);
    // The service was down from noon to noon, two days ago.
    expect(json.groups[0].components[1].days.slice(-4)).toEqual([null, 0, 0.5, 1]);
    states.service = 'degraded';
    await clock.advance(5000);
    expect((await send('GET', '/status/summary.json')).json.status).toBe('degraded');
    states.maintenance = true;
    await clock.advance(5000);
    expect((await send('GET', '/status')).text).toContain('in maintenance');
    await save({ ...PAGE, enabled: false });
    expect((await send('GET', '/status')).status).toBe(404);
    expect((await send('GET', `${AT}/preview`)).text).toContain('A preview: only you see it.');
  });

  it('needs no login where all else does, and only while it is on', async () => {
    const { send, save } = await setup({ loginRequired: true });
    expect([(await send('GET', '/status')).status, (await send('GET', AT)).status]).toEqual([401, 401]);
    await save(PAGE);
    const proxied = { 'x-forwarded-for': '1.2.3.4' };
    expect((await send('GET', '/status', undefined, proxied)).status).toBe(200);
    for (const path of [AT, `${AT}/preview`, `${AT}/incidents`, `${AT}/subscribers`])
      expect([path, (await send('GET', path)).status]).toEqual([path, 401]);
    expect((await send('GET', AT, undefined, BLUE)).status).toBe(404);
  });

  it('lets pages of other sites show badges, and nothing else', async () => {
    const { send, save } = await setup();
    const foreign = { origin: 'https://other.example', 'sec-fetch-site': 'cross-site' };
    expect((await send('GET', '/status/badges/page/status.svg', undefined, foreign)).status).toBe(403);
    const { json } = await save(PAGE);
    const [{ id }] = json.page.groups[0].components;
    const badge = await send('GET', `/status/badges/${id}/uptime.svg?days=7`, undefined, foreign);
    expect([
      badge.status,
      badge.headers['content-type'],
      badge.headers['cross-origin-resource-policy'],
    ]).toEqual([200, 'image/svg+xml; charset=utf-8', 'cross-origin']);
    expect(badge.text).toContain('Checkout uptime 7 d: 99.9 %');
    expect((await send('GET', `/status/badges/${id}/response-time.svg`)).text).toContain('123 ms');
    expect((await send('GET', '/status/badges/page/status.svg')).text).toContain(
      'Shop &lt;status&gt;: operational',
    );
    expect((await send('GET', '/status', undefined, foreign)).status).toBe(403);
    expect((await send('POST', '/status/subscribe', { address: 'https://a.example' }, foreign)).status).toBe(
      403,
    );
    expect((await send('GET', AT, undefined, foreign)).status).toBe(403);
    expect((await send('GET', '/status/badges/ghost/status.svg')).status).toBe(404);
  });

  it('tells of incidents, on the page, in the feed and to who listens', async () => {
    const { send, save, clock } = await setup();
    const { json: saved } = await save(PAGE);
    const [{ id: component }] = saved.page.groups[0].components;
    const made = await send('POST', `${AT}/incidents`, {
      title: 'Orders <fail>',
      impact: 'major',
      components: [component],
      text: 'We look\ninto it & more',
    });
    expect(made.status).toBe(201);
    await clock.advance(60_000);
    const at = `${AT}/incidents/${made.json.id}`;
    expect(
      (await send('POST', `${at}/updates`, { phase: 'resolved', text: 'Done' })).json.updates,
    ).toHaveLength(2);
    const { text } = await send('GET', '/status');
    expect(text).toContain('Orders &lt;fail&gt;');
    expect(text).toContain('We look<br>into it &amp; more');
    const feed = await send('GET', '/status/feed.atom');
    expect(feed.text.match(/<entry>/g)).toHaveLength(2);
    expect(feed.text).toContain('<title>Resolved: Orders &lt;fail&gt;</title>');
    expect((await send('DELETE', at)).status).toBe(204);
    expect((await send('POST', `${at}/updates`, { phase: 'resolved', text: 'x' })).status).toBe(404);
  });

  it('refuses what is wrong with the field, and a change on an old version', async () => {
    const { send, save } = await setup();
    const { json } = await save(PAGE);
    expect((await send('PUT', `${AT}?version=${json.version - 1}`, PAGE)).status).toBe(409);
    for (const [payload, field] of [
      [{ title: '' }, 'body.title'],
      [{ groups: [{ components: [{ name: 'x', of: { both: 1 } }] }] }, 'body.groups.0.components.0.of'],
      [
        { groups: [{ components: [{ name: 'x', id: '../../evil', of: { probe: 'a' } }] }] },
        'body.groups.0.components.0.id',
      ],
    ] as const) {
      const answer = await send('PUT', AT, payload);
      expect([answer.status, answer.json.error.details.problems[0].field]).toEqual([400, field]);
    }
  });
});

describe('subscriptions', () => {
  it('begin only when the owner of the address agrees, and end by their link', async () => {
    const { send, save, letters, clock, states } = await setup();
    await save(PAGE);
    const address = 'https://hooks.example/a';
    const form = await app.inject({
      method: 'POST',
      url: '/status/subscribe',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: `address=${encodeURIComponent(address)}`,
    });
    expect([form.statusCode, form.body.includes('A request to confirm was sent')]).toEqual([202, true]);
    await vi.waitFor(() => expect(letters).toHaveLength(1), { timeout: 30_000 });
    states.probe = 'unhealthy';
    await clock.advance(5000);
    expect(letters).toHaveLength(1);
    const asked = letters[0]?.letter;
    const confirm = new URL(asked?.type === 'subscription.confirm' ? asked.confirm_url : '').pathname;
    expect((await send('GET', confirm)).text).toContain('confirmed');
    states.probe = 'healthy';
    await clock.advance(5000);
    await vi.waitFor(() => expect(letters).toHaveLength(2), { timeout: 30_000 });
    const told = letters[1]?.letter;
    expect(told).toMatchObject({
      type: 'components.changed',
      components: [{ name: 'Checkout', status: 'operational' }],
    });
    const leave = told?.type === 'components.changed' ? new URL(told.unsubscribe_url).pathname : '';
    expect((await send('POST', leave)).status).toBe(200);
    expect((await send('POST', leave)).status).toBe(404);
    expect((await send('GET', `${AT}/subscribers`)).json).toEqual({ subscribers: [] });
  });

  it('are bounded, forgotten when nobody agrees, and never tell who subscribed', async () => {
    const { send, save, clock, letters, store, reach } = await setup();
    await save(PAGE);
    reach(false);
    const subscribe = async (address: string) =>
      (await send('POST', '/status/subscribe', { address })).status;
    expect(await subscribe('ftp://a.example')).toBe(400);
    expect([await subscribe('https://a.example/'), await subscribe('https://a.example/')]).toEqual([
      202, 202,
    ]);
    for (let i = 0; i < 9; i++) expect(await subscribe(`https://a${i}.example/`)).toBe(202);
    expect(await subscribe('https://b.example/')).toBe(429);
    expect(JSON.stringify((await send('GET', `${AT}/subscribers`)).json)).not.toContain('token');
    await clock.advance(3_601_000);
    expect(await subscribe('https://b.example/')).toBe(202);
    expect([store.subscribers().length, letters.length]).toEqual([1, 0]);
    await save({ ...PAGE, webhooks: false });
    expect(await subscribe('https://c.example/')).toBe(404);
  });
});

it('answers no body with a 5xx, and any name is escaped', async () => {
  const { send, save } = await setup();
  const hostile = fc.oneof(
    fc.string({ minLength: 1, maxLength: 60, unit: 'binary' }),
    fc.constant(`"><script>'&\u0000`),
  );
  await fc.assert(
    fc.asyncProperty(hostile, fc.jsonValue(), async (name, junk) => {
      await save({ ...PAGE, title: name, groups: [{ name, components: [{ name, of: { probe: 'x' } }] }] });
      for (const path of ['/status', '/status/feed.atom', '/status/badges/page/status.svg']) {
        const { status, text } = await send('GET', path);
        expect([path, status < 500, text.includes('<script')]).toEqual([path, true, false]);
      }
      const answer = await app.inject({
        method: 'PUT',
        url: AT,
        headers: { 'content-type': 'application/json' },
        payload: JSON.stringify(junk),
      });
      expect(answer.statusCode).toBeLessThan(500);
    }),
    { numRuns: 30 },
  );
});

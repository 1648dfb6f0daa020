import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunningController } from './controller/app.ts';
import { startController } from './controller/app.ts';
import type { Answer, TestShop } from './testing/shop.ts';
import { startTestShop } from './testing/shop.ts';

let shop: TestShop;
/** Answers in Pharos' place, whatever a test needs it to say. */
let judge: Server;
let decision: 'CONTINUE' | 'RETRY' | 'REPROCESS' | 'ESCALATE' | 'HALT' | 'hang';
const events: { event_type: string; data: object }[] = [];
let controller: RunningController;
let token: string;

beforeAll(async () => {
  decision = 'CONTINUE';
  judge = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      events.push(JSON.parse(body));
      if (decision === 'hang') return;
      const issues = [{ field: 'quantity', value: 1, limit: 'data.quantity < 1', message: 'too many' }];
      response.end(JSON.stringify({ id: 'e1', status: 'WARNING', decision, reasoning: 'too many', issues }));
    });
  });
  await new Promise<void>((resolve) => judge.listen(0, '127.0.0.1', resolve));
  const address = judge.address();
  shop = await startTestShop({
    CONTROLLER_PORT: '0',
    CIRCUIT_BREAKER_FAILURE_THRESHOLD: '1000',
    PHAROS_URL: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    SHOP_VERDICT_TIMEOUT_MS: '1000',
  });
  controller = await startController(shop.config('controller'));
  token = await shop.signUp('ann');
});
afterAll(async () => {
  await controller.stop();
  await shop.stop();
  judge.close();
  judge.closeAllConnections();
});
afterEach(() => ask('DELETE', '/faults'));

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Pick<Answer, 'status' | 'body'>> {
  const response = await fetch(controller.url + path, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const addFault = async (kind: string, service: string | undefined, params: Record<string, unknown> = {}) => {
  const answer = await ask('POST', '/faults', {
    kind,
    params,
    ...(service === undefined ? {} : { service }),
  });
  expect(answer).toMatchObject({ status: 201, body: { state: 'active', to: null } });
  return String(answer.body.id);
};

const search = (options = {}) =>
  shop.call('GET', '/api/v1/product?q=lamp', { token, service: 'catalog', ...options });

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

describe('a dead service', () => {
  it('answers on none of its ports, and comes back when the fault is deleted', async () => {
    const { url, metricsUrl } = shop.services.catalog;
    const addresses = [`${url}/health`, `${url}/metrics`, `${metricsUrl}/metrics`];
    const id = await addFault('dead service', 'catalog');
    expect(await Promise.all(addresses.map(answers))).toEqual([false, false, false]);
    expect((await shop.call('GET', '/api/v1/product?q=lamp', { token })).status).toBe(502);
    expect((await ask('DELETE', `/faults/${id}`)).body).toMatchObject({
      id,
      state: 'ended',
      to: expect.any(String),
    });
    expect(await Promise.all(addresses.map(answers))).toEqual([true, true, true]);
    expect((await search()).status).toBe(200);
  });

  it('comes back by itself when its time is over', async () => {
    const answer = await ask('POST', '/faults', {
      kind: 'dead_service',
      service: 'user',
      duration_seconds: 2,
    });
    const health = `${shop.services.user.url}/health`;
    expect(await answers(health)).toBe(false);
    await expect.poll(() => answers(health)).toBe(true);
    await expect.poll(async () => (await ask('GET', `/faults/${answer.body.id}`)).body.state).toBe('ended');
  });
});

describe('faults inside a service', () => {
  it('error spikes fail requests but not the health endpoints', async () => {
    await addFault('error_spike', 'catalog', { rate: 1, status: 503 });
    expect(await search()).toMatchObject({ status: 503, body: { error: { code: 'injected' } } });
    expect((await shop.call('GET', '/health', { service: 'catalog' })).status).toBe(200);
    await ask('DELETE', '/faults');
    expect((await search()).status).toBe(200);
  });

  it('latency and a slow database are seen in what the service measures', async () => {
    const sum = async (metric: string): Promise<number> => {
      const text = (await shop.call('GET', '/metrics', { service: 'catalog' })).body as string;
      const lines = text
        .split('\n')
        .filter((line) => line.startsWith(`${metric}_sum{`) && line.includes('search'));
      return lines.reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
    };
    await search();
    const before = await sum('db_operation_duration_seconds');
    await addFault('slow_database', 'catalog', { latency_ms: 120 });
    await search();
    expect((await sum('db_operation_duration_seconds')) - before).toBeGreaterThan(0.1);
  });

  it('stock exhaustion refuses orders, takes nothing and gives everything back', async () => {
    const product = (await search()).body.products[0];
    await shop.call('POST', '/api/v1/balance/deposit', { token, body: { amount: 1_000 } });
    const order = () =>
      shop.call('POST', '/api/v1/order', { token, body: { product_id: product.id, quantity: 1 } });
    await addFault('stock_exhaustion', undefined);
    expect(await order()).toMatchObject({ status: 409, body: { error: { code: 'insufficient_stock' } } });
    expect((await search()).body.products[0].stock).toBe(0);
    await ask('DELETE', '/faults');
    expect((await search()).body.products[0].stock).toBe(product.stock);
    expect((await order()).status).toBe(201);
  });

  it('a hanging service is given up by its caller', async () => {
    await addFault('timeouts', 'catalog', { rate: 1, hang_ms: 60_000 });
    const product_id = 'whatever';
    const order = await shop.call('POST', '/api/v1/order', { token, body: { product_id, quantity: 1 } });
    expect(order).toMatchObject({ status: 504, body: { error: { code: 'timeout' } } });
    await ask('DELETE', '/faults');
  });
});

describe('faults made of requests', () => {
  const count = async (service: 'auth' | 'order', pattern: RegExp): Promise<number> => {
    const text = (await shop.call('GET', '/metrics', { service })).body as string;
    return text
      .split('\n')
      .filter((line) => pattern.test(line))
      .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
  };

  it('wrong passwords arrive at auth', async () => {
    await addFault('auth_failure_storm', undefined, { per_second: 20 });
    await expect.poll(() => count('auth', /^auth_failures /)).toBeGreaterThan(2);
  });

  it('bad input arrives at the service it is meant for', async () => {
    await addFault('bad_input', 'order', { per_second: 20 });
    const refused = /^http_requests_total\{.*status="4\d\d"/;
    const before = await count('order', refused);
    await expect.poll(() => count('order', refused)).toBeGreaterThan(before + 2);
  });
});

describe('the controller', () => {
  it('writes down the truth', async () => {
    const id = await addFault('added_latency', 'order', { latency_ms: 5 });
    await ask('DELETE', `/faults/${id}`);
    const { entries } = (await ask('GET', '/truth')).body;
    expect(entries.at(-1)).toEqual({
      id,
      what: 'added_latency',
      where: 'order',
      parameters: { latency_ms: 5, jitter_ms: 0, rate: 1 },
      from: expect.any(String),
      to: expect.any(String),
      cause: 'order answers 5 ms late',
    });
  });

  it('makes traffic that the shop serves', async () => {
    const changed = await ask('POST', '/traffic', {
      mode: 'bursty',
      rate: 100,
      users: 3,
      period_seconds: 10,
    });
    expect(changed.body).toMatchObject({ mode: 'bursty', rate: 100, users: 3, current_rate: 300 });
    const done = async () => (await ask('GET', '/traffic')).body;
    await expect.poll(async () => (await done()).by_status['2xx']).toBeGreaterThan(100);
    const after = await ask('POST', '/traffic', { mode: 'off' });
    expect(after.body).toMatchObject({ mode: 'off', current_rate: 0, by_status: { '5xx': 0, failed: 0 } });
  });

  it('lists the kinds a form needs and answers what it does not know with 404', async () => {
    const { kinds } = (await ask('GET', '/faults')).body;
    expect(kinds).toHaveLength(10);
    expect(kinds[0]).toMatchObject({
      kind: 'error_spike',
      params: [{ name: 'rate', type: 'number', default: 0.3 }, {}],
    });
    expect((await ask('DELETE', '/faults/flt_none')).status).toBe(404);
    const empty = await ask('DELETE', '/faults', undefined, { 'content-type': 'application/json' });
    expect(empty).toMatchObject({ status: 200, body: { ended: [] } });
    expect((await ask('GET', '/nothing')).status).toBe(404);
    expect((await ask('POST', '/traffic', { rate: -1 })).body.error.details).toMatchObject([
      { field: 'rate', value: -1 },
    ]);
    expect((await ask('GET', '/')).body).toMatchObject({
      name: 'controller',
      status: 'ok',
      active_faults: [],
    });
  });

  it('wants a token where one is set, and does not listen off loopback without', async () => {
    const config = { ...shop.config('controller'), port: 0, dataDir: `${shop.env['SHOP_DATA_DIR']}/guarded` };
    await expect(startController({ ...config, host: '0.0.0.0' })).rejects.toThrow('SHOP_CONTROLLER_TOKEN');
    const guarded = await startController({ ...config, controllerToken: 'open sesame' });
    const status = async (headers: Record<string, string>) =>
      (await fetch(`${guarded.url}/truth`, { headers })).status;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: 'Bearer open' })).toBe(401);
    expect(await status({ authorization: 'Bearer open sesame' })).toBe(200);
    await guarded.stop();
  });

  it('refuses foreign pages, and its channel refuses everybody else', async () => {
    expect((await ask('GET', '/', undefined, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask('GET', '/truth', undefined, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    const { controlUrl } = shop.services.auth;
    expect((await fetch(`${controlUrl}/faults`)).status).toBe(401);
    expect(
      (await fetch(`${controlUrl}/faults`, { headers: { authorization: `Bearer ${token}` } })).status,
    ).toBe(401);
  });
});

describe('verdicts on orders', () => {
  let product_id: string;
  beforeAll(async () => {
    await shop.call('POST', '/api/v1/balance/deposit', { token, body: { amount: 1_000 } });
    product_id = (await search()).body.products[0].id;
  });
  const order = () => shop.call('POST', '/api/v1/order', { token, body: { product_id, quantity: 1 } });
  const set = (mode: string) => ask('POST', '/verdicts', { mode });

  it('in shadow mode are asked for, and stop nothing', async () => {
    expect((await ask('GET', '/verdicts')).body).toEqual({ mode: 'shadow' });
    decision = 'HALT';
    events.length = 0;
    expect((await order()).status).toBe(201);
    await expect.poll(() => events.length).toBe(2);
    expect(events).toMatchObject([
      { source: 'gateway', event_type: 'order.requested', data: { product_id, quantity: 1 } },
      { event_type: 'order.answered', data: { status_code: 201, status: 'success' } },
    ]);
    const unknown = await shop.call('POST', '/api/v1/order', { body: { product_id, quantity: 1 } });
    expect([unknown.status, events.length]).toEqual([401, 2]);
  });

  it('in enforce mode stop an order with their reason, or let it go on', async () => {
    expect((await set('enforce')).body).toEqual({ mode: 'enforce' });
    expect((await set('perhaps')).status).toBe(400);
    const halted = await order();
    expect(halted).toMatchObject({
      status: 503,
      body: {
        error: {
          code: 'halted',
          message: 'orders are halted by Pharos: too many',
          details: [{ field: 'quantity', value: 1, expected: 'data.quantity < 1' }],
        },
      },
    });
    expect(halted.headers.get('retry-after')).toBe('30');
    decision = 'REPROCESS';
    expect(await order()).toMatchObject({ status: 422, body: { error: { code: 'refused' } } });
    for (decision of ['CONTINUE', 'RETRY', 'ESCALATE'] as const) expect((await order()).status).toBe(201);
  });

  it('that do not come let every order go on, and are not waited for again and again', async () => {
    decision = 'hang';
    expect((await order()).status).toBe(201);
    decision = 'HALT';
    expect((await order()).status).toBe(503);
    judge.close();
    judge.closeAllConnections();
    for (let i = 0; i < 5; i++) expect((await order()).status).toBe(201);
    const { body } = await shop.call('GET', '/metrics');
    expect(String(body)).toMatch(/order_verdicts_total\{mode="enforce",decision="none"[^}]*\} \d/);
    expect((await set('off')).body).toEqual({ mode: 'off' });
    expect((await shop.call('GET', '/health')).body.status).toBe('healthy');
  });
});

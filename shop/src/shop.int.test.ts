import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestShop } from './testing/shop.ts';
import { PASSWORD, startTestShop } from './testing/shop.ts';

let shop: TestShop;
beforeAll(async () => {
  shop = await startTestShop();
});
afterAll(() => shop.stop());

async function firstProduct(token: string) {
  return (await shop.call('GET', '/api/v1/product?q=kettle', { token })).body.products[0];
}

describe('a shopper', () => {
  it('registers, signs in, looks, pays in, buys and owns', async () => {
    const credentials = { username: 'ann', password: PASSWORD, email: 'ann@example.org' };
    const registered = await shop.call('POST', '/register', { body: credentials });
    expect(registered).toMatchObject({ status: 201, body: { username: 'ann' } });
    const signedIn = await shop.call('POST', '/signin', { body: { username: 'ann', password: PASSWORD } });
    expect(signedIn).toMatchObject({ status: 200, body: { token_type: 'bearer' } });
    const token = signedIn.body.access_token;

    const all = await shop.call('GET', '/api/v1/all_products', { token });
    expect(all.body.products).toHaveLength(12);
    const kettle = await firstProduct(token);
    expect(kettle).toMatchObject({ name: 'Ember Tea Kettle', price: 67, stock: 3500 });

    expect(
      (await shop.call('POST', '/api/v1/balance/deposit', { token, body: { amount: 200.5 } })).body,
    ).toEqual({
      balance: 200.5,
    });
    const body = { product_id: kettle.id, quantity: 2 };
    const order = await shop.call('POST', '/api/v1/order', { token, body });
    expect(order).toMatchObject({ status: 201, body: { state: 'executed', total: 134, quantity: 2 } });

    const orders = await shop.call('GET', '/api/v1/orders', { token });
    expect(orders.body).toMatchObject({ total: 1, orders: [{ id: order.body.id }] });
    const portfolio = await shop.call('GET', '/api/v1/portfolio', { token });
    expect(portfolio.body).toMatchObject({
      balance: 66.5,
      value: 134,
      cost: 134,
      pnl: 0,
      holdings: [{ product_id: kettle.id, quantity: 2 }],
    });
    expect((await firstProduct(token)).stock).toBe(3498);
    const withdrawn = await shop.call('POST', '/api/v1/balance/withdraw', { token, body: { amount: 66.5 } });
    expect(withdrawn.body).toEqual({ balance: 0 });
    const me = await shop.call('GET', '/api/v1/users/me', { token });
    expect(me.body).toMatchObject({ username: 'ann', email: 'ann@example.org', balance: 0 });
  });

  it('gets the first answer when an order is repeated with its id, and pays once', async () => {
    const token = await shop.signUp('bob');
    await shop.call('POST', '/api/v1/balance/deposit', { token, body: { amount: 500 } });
    const { id } = await firstProduct(token);
    const body = { product_id: id, quantity: 1, order_id: 'bobs-order' };
    const answers = await Promise.all(
      [1, 2, 3].map(() => shop.call('POST', '/api/v1/order', { token, body })),
    );
    expect(answers.map((answer) => answer.status).filter((status) => status === 201).length).toBeGreaterThan(
      0,
    );
    expect((await shop.call('POST', '/api/v1/order', { token, body })).status).toBe(201);
    expect((await shop.call('GET', '/api/v1/users/me', { token })).body.balance).toBe(433);
    const other = await shop.call('POST', '/api/v1/order', { token, body: { ...body, quantity: 2 } });
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'conflict' } } });
  });

  it('is refused what is not covered, not in stock or not there, and loses nothing', async () => {
    const token = await shop.signUp('cyd');
    const { id, stock } = await firstProduct(token);
    const order = (product_id: string, quantity: number) =>
      shop.call('POST', '/api/v1/order', { token, body: { product_id, quantity } });
    expect(await order(id, 1)).toMatchObject({
      status: 402,
      body: { error: { code: 'insufficient_balance' } },
    });
    expect(await order('nothing', 1)).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    const created = await shop.call('POST', '/api/v1/add_product', {
      token,
      body: { name: 'Rare', price: 1, stock: 1 },
    });
    expect(await order(created.body.id, 2)).toMatchObject({
      status: 409,
      body: { error: { code: 'insufficient_stock' } },
    });
    expect((await firstProduct(token)).stock).toBe(stock);
    const orders = await shop.call('GET', '/api/v1/orders', { token });
    expect(
      orders.body.orders.map((o: { state: string; reason: string }) => [o.state, o.reason]).toSorted(),
    ).toEqual([
      ['cancelled', 'insufficient_balance'],
      ['cancelled', 'insufficient_stock'],
      ['cancelled', 'not_found'],
    ]);
  });

  it("does not see another shopper's orders", async () => {
    const token = await shop.signUp('dee');
    expect((await shop.call('GET', '/api/v1/orders', { token })).body).toMatchObject({
      total: 0,
      orders: [],
    });
  });
});

describe('the door', () => {
  it.each(['/api/v1/orders', '/api/v1/all_products', '/api/v1/portfolio', '/api/v1/users'])(
    'wants a token at %s',
    async (path) => {
      expect((await shop.call('GET', path)).body.error.code).toBe('unauthenticated');
      expect((await shop.call('GET', path, { token: 'a.b.c' })).status).toBe(401);
    },
  );

  it('names field, value and expectation', async () => {
    const token = await shop.signUp('eve');
    const answer = await shop.call('POST', '/api/v1/order', {
      token,
      body: { product_id: 'x', quantity: 0, color: 1 },
    });
    expect(answer.status).toBe(400);
    expect(answer.body.error.details).toEqual([
      { field: 'quantity', value: 0, expected: 'a whole number from 1 to 1000' },
      { field: 'color', value: 1, expected: 'no such field' },
    ]);
    const secret = await shop.call('POST', '/register', { body: { username: 'zoe', password: 'short' } });
    expect(JSON.stringify(secret.body)).not.toContain('short"');
  });

  it('refuses malformed, oversized and poisoned bodies', async () => {
    const raw = (body: string) =>
      fetch(`${shop.services.gateway.url}/signin`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
    expect((await raw('{')).status).toBe(400);
    expect((await raw('{"__proto__":{"admin":true}}')).status).toBe(400);
    expect((await raw(JSON.stringify({ username: 'x'.repeat(100_000), password: 'y' }))).status).toBe(413);
  });

  it.each(['auth', 'order', 'catalog', 'user', 'gateway'] as const)(
    'of %s checks host, origin and site',
    async (name) => {
      const { url, metricsUrl } = shop.services[name];
      for (const address of [`${url}/ping`, `${url}/metrics`, `${url}/nowhere`, `${metricsUrl}/metrics`]) {
        const origin = await fetch(address, { headers: { origin: 'https://evil.example' } });
        expect([address, origin.status]).toEqual([address, 403]);
        const site = await fetch(address, { headers: { 'sec-fetch-site': 'cross-site' } });
        expect([address, site.status]).toEqual([address, 403]);
      }
      expect((await fetch(`${metricsUrl}/metrics`)).status).toBe(200);
    },
  );

  it('keeps internal routes for services', async () => {
    const token = await shop.signUp('fay');
    const answer = await shop.call('GET', '/internal/prices', { token, service: 'catalog' });
    expect(answer.status).toBe(401);
    expect((await shop.call('GET', '/internal/prices', { token })).status).toBe(404);
  });
});

describe('being watched', () => {
  it.each(['auth', 'order', 'catalog', 'user', 'gateway'] as const)(
    '%s answers every health path',
    async (name) => {
      for (const path of [
        '/ping',
        '/health',
        '/health/ready',
        '/health/live',
        '/ready',
        '/live',
        '/metrics',
      ]) {
        expect([path, (await shop.call('GET', path, { service: name })).status]).toEqual([path, 200]);
      }
    },
  );

  it('shows its breakers and resets them by upstream', async () => {
    const status = await shop.call('GET', '/circuit-breakers/status');
    expect(status.body).toMatchObject([{ service: 'user', name: 'user-client', state: 'CLOSED' }]);
    expect((await shop.call('POST', '/circuit-breakers/reset?service=user')).body.reset).toEqual([
      'user-client',
    ]);
    expect((await shop.call('POST', '/circuit-breakers/reset?service=nobody')).status).toBe(404);
    const all = await shop.call('POST', '/monitoring/circuit-breakers/reset');
    expect(all.body.reset.toSorted()).toEqual([
      'auth-client',
      'catalog-client',
      'order-client',
      'user-client',
    ]);
  });

  it('answers the monitoring pages from its own counters', async () => {
    const dashboard = await shop.call('GET', '/monitoring/health/dashboard');
    expect(dashboard.body.gateway).toMatchObject({
      name: 'gateway',
      uptime: expect.stringMatching(/^0d 0h \d+m$/),
    });
    expect(Object.keys(dashboard.body.services)).toEqual(['auth', 'order', 'catalog', 'user']);
    expect(dashboard.body.services.auth).toMatchObject({ circuit_breaker: 'CLOSED', error_rate: '0.0%' });
    expect((await shop.call('GET', '/monitoring/errors/stats')).status).toBe(200);
    expect((await shop.call('GET', '/monitoring/errors/details?limit=5')).body).toMatchObject({ limit: 5 });
    expect((await shop.call('GET', '/monitoring/metrics')).body).toContain('http_requests_total');
    expect((await shop.call('GET', '/database/status')).body).toMatchObject({ status: 'connected' });
  });

  it('counts errors of services behind the gateway at the gateway too', async () => {
    const count = async () => {
      const text = (await shop.call('GET', '/metrics')).body as string;
      return Number(/^error_types\{type="authentication"\} (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    const before = await count();
    await shop.call('GET', '/api/v1/orders');
    await expect.poll(count).toBeGreaterThan(before);
  });

  it('carries the request id through every service', async () => {
    const answer = await shop.call('GET', '/api/v1/orders', { headers: { 'x-request-id': 'trace-me' } });
    expect(answer.headers.get('x-request-id')).toBe('trace-me');
    expect(answer.body.error.request_id).toBe('trace-me');
  });
});

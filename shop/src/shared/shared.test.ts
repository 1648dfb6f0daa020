import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from './config.ts';
import { isShopError, renderError, ShopError } from './errors.ts';
import { createGuard } from './guard.ts';
import type { TokenResult } from './jwt.ts';
import { createServiceTokens, createUserTokens } from './jwt.ts';
import { sharedSecrets } from './secrets.ts';
import { money, parse, queryWhole, whole } from './validate.ts';

const SECRET = 's'.repeat(32);

describe('user tokens', () => {
  let now = 1_700_000_000_000;
  const clock = { now: () => now };
  const results: TokenResult[] = [];
  const tokens = createUserTokens(SECRET, clock, (result) => results.push(result));
  const caller = { userId: 'u1', username: 'ann' };

  it('are read back until they expire', async () => {
    const header = `Bearer ${await tokens.issue(caller)}`;
    expect(await tokens.verify(header)).toEqual(caller);
    now += 3_601_000;
    await expect(tokens.verify(header)).rejects.toMatchObject({ status: 401, result: 'expired' });
    now -= 3_601_000;
    expect(results).toEqual(['valid', 'expired']);
  });

  it.each([
    ['nothing', undefined, 'missing'],
    ['another scheme', 'Basic YTpi', 'invalid'],
    ['no token', 'Bearer', 'invalid'],
    ['alg none', `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`, 'invalid'],
  ])('refuse %s', async (_name, header, result) => {
    await expect(tokens.verify(header)).rejects.toMatchObject({ code: 'unauthenticated', result });
  });

  it('of another secret, or service tokens, are refused', async () => {
    const forged = await createUserTokens('x'.repeat(32), clock).issue(caller);
    await expect(tokens.verify(`Bearer ${forged}`)).rejects.toMatchObject({ result: 'invalid' });
    const service = await createServiceTokens(SECRET, 'order', clock).header('catalog');
    await expect(tokens.verify(service)).rejects.toMatchObject({ result: 'invalid' });
  });

  it('survive any header', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        const error: unknown = await tokens.verify(`Bearer ${text}`).then(
          () => null,
          (reason: unknown) => reason,
        );
        return isShopError(error, 'unauthenticated');
      }),
    );
  });
});

describe('service tokens', () => {
  let now = 1_700_000_000_000;
  const clock = { now: () => now };
  const order = createServiceTokens(SECRET, 'order', clock);
  const catalog = createServiceTokens(SECRET, 'catalog', clock);

  it('name caller and callee', async () => {
    expect(await catalog.verify(await order.header('catalog'), ['order'])).toBe('order');
    await expect(catalog.verify(await order.header('catalog'), ['user'])).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(catalog.verify(await order.header('user'), ['order'])).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it('are used again for a while, then renewed before they end', async () => {
    const first = await order.header('catalog');
    now += 30_000;
    expect(await order.header('catalog')).toBe(first);
    now += 20_000;
    expect(await order.header('catalog')).not.toBe(first);
    now += 20_000;
    await expect(catalog.verify(first, ['order'])).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('the guard', () => {
  const guard = createGuard(['shop']);
  it.each([
    [{ host: 'localhost:8080' }],
    [{ host: '127.0.0.1' }],
    [{ host: '[::1]:8080' }],
    [{ host: 'SHOP:80' }],
    [{ host: 'localhost:8080', origin: 'http://localhost:8080' }],
    [{ host: 'localhost:8080', 'sec-fetch-site': 'same-origin' }],
  ])('lets %j in', (headers) => expect(guard(headers)).toBeNull());
  it.each([
    [{}],
    [{ host: 'evil.example' }],
    [{ host: 'localhost.evil.example:8080' }],
    [{ host: '127.0.0.1.evil.example' }],
    [{ host: 'localhost:8080', origin: 'http://localhost:3000' }],
    [{ host: 'localhost:8080', origin: 'null' }],
    [{ host: 'localhost:8080', 'sec-fetch-site': 'cross-site' }],
  ])('keeps %j out', (headers) => expect(guard(headers)).toEqual(expect.any(String)));
});

describe('validation', () => {
  const schema = z.strictObject({
    amount: money(),
    count: whole(1, 9),
    password: z.string('text').min(3, 'long'),
  });

  it('names field, value and expectation, and shows no secrets', () => {
    expect(() => parse(schema, { amount: 1.234, count: 'x', password: 'ab' })).toThrow(
      expect.objectContaining({
        status: 400,
        details: [
          { field: 'amount', value: 1.234, expected: expect.stringContaining('two decimals') },
          { field: 'count', value: 'x', expected: 'a whole number from 1 to 9' },
          { field: 'password', value: '***', expected: 'long' },
        ],
      }),
    );
  });

  it('turns any amount with two decimals into the right cents', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000_000_00 }),
        (cents) => parse(money(), cents / 100) === cents,
      ),
    );
  });

  it('answers anything with a value or a validation error of bounded size', () => {
    const hostile = fc.oneof(
      fc.anything(),
      fc.dictionary(fc.constantFrom('amount', '__proto__', 'count'), fc.anything()),
    );
    fc.assert(
      fc.property(hostile, (input) => {
        try {
          parse(schema, input);
          return true;
        } catch (error) {
          return isShopError(error, 'validation') && JSON.stringify(error.details).length < 20_000;
        }
      }),
    );
  });

  it('reads whole numbers from a query', () => {
    const limit = z.object({ limit: queryWhole(1, 200, 50) });
    expect(parse(limit, {})).toEqual({ limit: 50 });
    expect(parse(limit, { limit: '7' })).toEqual({ limit: 7 });
    for (const bad of ['0', '201', '-1', '1e2', '', ' 7', ['1', '2']]) {
      expect(() => parse(limit, { limit: bad })).toThrow(expect.objectContaining({ code: 'validation' }));
    }
  });
});

describe('errors', () => {
  it('that nobody expected say nothing about our inside', () => {
    const { status, body } = renderError(new Error('SELECT * FROM secrets'), 'r1');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('SELECT');
    expect(body.error.request_id).toBe('r1');
  });

  it('of the framework keep their status', () => {
    const error = Object.assign(new Error('Body is not valid JSON'), { statusCode: 400 });
    expect(renderError(error, '')).toMatchObject({ status: 400, body: { error: { code: 'validation' } } });
    expect(renderError(new ShopError('timeout', 'late'), '').status).toBe(504);
  });
});

describe('configuration', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'shop-config-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('has defaults for everything', () => {
    const config = loadConfig('order', { SHOP_DATA_DIR: directory });
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 8003,
      metricsPort: 8004,
      controlPort: null,
      bcryptCost: 10,
      urls: { auth: 'http://127.0.0.1:8001', gateway: 'http://127.0.0.1:8080' },
    });
    expect(loadConfig('auth', { SHOP_DATA_DIR: directory }).jwtSecret).toBe(config.jwtSecret);
    expect(readdirSync(directory)).toEqual(['secrets.json']);
    expect(statSync(join(directory, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(sharedSecrets(directory).serviceSecret).toBe(config.serviceSecret);
  });

  it.each([
    ['ORDER_PORT', '99999'],
    ['CATALOG_URL', 'catalog'],
    ['SHOP_JWT_SECRET', 'short'],
    ['SHOP_BCRYPT_COST', 'x'],
    ['SHOP_FAULTS_ENABLED', 'maybe'],
    ['SHOP_TRAFFIC_RATE', '-1'],
    ['MONGODB_URI', 'postgres://user:password@host'],
  ])('names %s when it is wrong', (key, value) => {
    expect(() => loadConfig('order', { SHOP_DATA_DIR: directory, [key]: value })).toThrow(key);
  });

  it('follows the ports of the other services', () => {
    const env = {
      SHOP_DATA_DIR: directory,
      CATALOG_PORT: '9',
      USER_URL: 'http://user:80/',
      SHOP_FAULTS_ENABLED: '1',
    };
    const config = loadConfig('order', env);
    expect(config.urls).toMatchObject({ catalog: 'http://127.0.0.1:9', user: 'http://user:80' });
    expect(config.controlPort).toBe(8103);
  });
});

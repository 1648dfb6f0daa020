import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSecretKey, MASK, maskText, maskValue } from './mask.ts';

describe('keys', () => {
  it.each([
    'password',
    'userPassword',
    'api_key',
    'apiKey',
    'X-Api-Key',
    'Authorization',
    'accessToken',
    'client_secret',
    'Cookie',
    'set-cookie',
    'private_key',
    'card_number',
    'cvv',
    'pass',
  ])('%s is secret', (key) => expect(isSecretKey(key)).toBe(true));
  it.each(['user', 'author', 'status', 'pinned', 'description', 'cardinality', '__proto__'])(
    '%s is not',
    (key) => expect(isSecretKey(key)).toBe(false),
  );
});

describe('values', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl';
  it.each([
    ['Authorization: Bearer abcdef123456', `Authorization: Bearer ${MASK}`],
    [`token is ${jwt} here`, `token is ${MASK} here`],
    ['Basic dXNlcjpwYXNz', `Basic ${MASK}`],
    ['mongodb://user:hunter2@db:27017/x', `mongodb://${MASK}@db:27017/x`],
    ['GET /x?password=hunter2&a=1', `GET /x?password=${MASK}&a=1`],
    ['{"password":"hunter2"}', `{"password":"${MASK}"}`],
    ['redis://:hunter2@cache:6379', `redis://${MASK}@cache:6379`],
    ['password="correct horse battery" ok', `password="${MASK}" ok`],
    ["password: 'correct horse' ok", `password: '${MASK}' ok`],
    ['{"password":"a\\"bcd"}', `{"password":"${MASK}"}`],
    ['"{\\"token\\":\\"hunter 2\\"}"', `"{\\"token\\":\\"${MASK}\\"}"`],
    ['DB_PASSWORD=hunter2 set', `DB_PASSWORD=${MASK} set`],
    ['password="cut here', `password="${MASK} here`],
    ['card 4111 1111 1111 1111.', `card ${MASK}.`],
    ['card 4111-1111-1111-1111', `card ${MASK}`],
  ])('%s', (text, masked) => expect(maskText(text)).toBe(masked));

  it.each([
    'order 1234567890123456',
    'at 1767225600000',
    'took 12 ms',
    'the bearer of news',
    '2026-01-01T00:00:00.000Z',
    '127.0.0.1:8000',
  ])('leaves %s', (text) => expect(maskText(text)).toBe(text));

  it('cuts long texts and stays fast on hostile ones', () => {
    expect(maskText('a'.repeat(100_000)).length).toBeLessThan(8_200);
    for (const text of [
      '1 '.repeat(50_000),
      'Bearer '.repeat(20_000),
      'eyJ.'.repeat(30_000),
      'password='.repeat(20_000),
      'a://b:'.repeat(20_000),
    ])
      expect(maskText(text).length).toBeLessThan(40_000);
  });
});

describe('maskValue', () => {
  it('masks by key at any depth and by shape in any text', () => {
    expect(maskValue({ user: { password: 'x', note: 'Bearer abcdef12' }, list: [{ token: 1 }] })).toEqual({
      user: { password: MASK, note: `Bearer ${MASK}` },
      list: [{ token: MASK }],
    });
    expect(maskValue({ iban: 'x' }, new Set(['iban']))).toEqual({ iban: MASK });
  });

  it('copies cycles, errors, maps, dates, buffers and what cannot be read', () => {
    const cycle: Record<string, unknown> = { a: 1 };
    cycle.self = cycle;
    expect(maskValue(cycle)).toEqual({ a: 1, self: '[circular]' });
    const error = Object.assign(new TypeError('bad', { cause: new Error('why') }), { code: 'E1' });
    expect(maskValue(error)).toMatchObject({
      name: 'TypeError',
      message: 'bad',
      code: 'E1',
      cause: { message: 'why' },
    });
    expect(maskValue(new Map([['k', 1n]]))).toEqual({ k: '1' });
    expect(maskValue(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
    expect(maskValue(new Date(Number.NaN))).toBeNull();
    expect(maskValue(Buffer.alloc(9))).toBe('[9 bytes]');
    const trap = {
      get x(): never {
        throw new Error('no');
      },
    };
    expect(maskValue({ trap })).toEqual({ trap: '[unreadable]' });
    const deep = { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } };
    expect(JSON.stringify(maskValue(deep))).toContain('[too deep]');
    expect(
      Object.keys(
        maskValue(Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, i]))) as object,
      ),
    ).toHaveLength(101);
  });

  it('keeps a key called __proto__ a key', () => {
    const value = maskValue(JSON.parse('{"__proto__":{"polluted":true}}')) as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect('polluted' in {}).toBe(false);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('never throws, and always gives JSON', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
          key: fc.oneof(fc.string(), fc.constant('__proto__'), fc.constant('toJSON')),
        }),
        (value) => {
          expect(() => JSON.stringify(maskValue(value))).not.toThrow();
        },
      ),
    );
  });
});

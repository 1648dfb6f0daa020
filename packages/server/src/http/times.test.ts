import { describe, expect, it } from 'vitest';
import { instant, nanosOf, wanted, windowQuery } from './times.ts';

describe('windowQuery', () => {
  it('reads window, end and services', () => {
    expect(windowQuery.parse({ window: '1h', end: '1700000000', service: ['a,b', 'c'] })).toEqual({
      window: { text: '1h', ms: 3_600_000 },
      end: 1_700_000_000_000,
      service: ['a', 'b', 'c'],
    });
    expect(windowQuery.parse({})).toMatchObject({ window: { ms: 300_000 } });
  });

  it.each(['5', '', 'fast', '1s', '900d', '-5m'])('refuses the window %j', (window) =>
    expect(windowQuery.safeParse({ window }).success).toBe(false),
  );

  it('takes seconds, milliseconds and RFC 3339 for one instant', () => {
    for (const text of [1_700_000_000, '1700000000', 1_700_000_000_000, '2023-11-14T22:13:20Z'])
      expect(instant.parse(text)).toBe(1_700_000_000_000);
    for (const bad of ['', 'yesterday', Number.NaN]) expect(instant.safeParse(bad).success).toBe(false);
  });

  it('keeps the named services under their canonical names', () => {
    const canonical = (name: string) => name.replace('-service', '');
    const query = windowQuery.parse({ service: 'auth-service' });
    expect([
      wanted(query, canonical, 'auth'),
      wanted(query, canonical, 'order'),
      wanted(windowQuery.parse({}), canonical, 'order'),
    ]).toEqual([true, false, true]);
  });
});

it('any instant is a time that the engine can be asked for', () => {
  expect(nanosOf(1_700_000_000_000.9)).toBe(1_700_000_000_000_000_000n);
  expect(nanosOf(-5)).toBe(0n);
  expect(nanosOf(instant.parse('9999-12-31T00:00:00Z'))).toBe(9_223_372_036_853_000_000n);
  expect(nanosOf(8.64e15) + 1_000_000n).toBeLessThan(2n ** 63n);
});

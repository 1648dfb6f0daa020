import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { json, matches, matchesNot, short } from './body.ts';
import { parseJsonPath } from './json-path.ts';

/** Every value within {@link MOST_STEPS} steps, with its path. */
function places(
  value: unknown,
  path: string,
  steps = 0,
): { readonly path: string; readonly value: unknown }[] {
  const own = [{ path, value }];
  if (typeof value !== 'object' || value === null || steps === MOST_STEPS) return own;
  const below = Array.isArray(value)
    ? value.map((item: unknown, i) => ({ item, at: `[${i}]` }))
    : Object.entries(value).map(([key, item]: [string, unknown]) => ({
        item,
        at: `['${key.replaceAll(/[\\']/g, '\\$&')}']`,
      }));
  return [...own, ...below.flatMap(({ item, at }) => places(item, path + at, steps + 1))];
}

/** One less than a path may have. */
const MOST_STEPS = 31;
const values = (path: string, document: unknown) => parseJsonPath(path)?.values(document);

describe('JSON paths', () => {
  it('lead to keys, indices and all', () => {
    const document = { a: [{ b: 1 }, { b: 2 }], 'x y': { '': 0 }, __proto__x: 3 };
    expect(values('$.a[0].b', document)).toEqual([1]);
    expect(values('a[-1].b', document)).toEqual([2]);
    expect(values('$.a[*].b', document)).toEqual([1, 2]);
    expect(values("$['x y']['']", document)).toEqual([0]);
    expect(values('$', 5)).toEqual([5]);
    expect(values('$.constructor', {})).toEqual([]);
    expect(values('$.__proto__', JSON.parse('{"__proto__":1}'))).toEqual([1]);
    expect(values('$.a[9]', document)).toEqual([]);
  });

  it('are refused when they are none', () => {
    for (const path of ['$.', '$..a', '$.a[', '$.a[?(@.b)]', '$.a b', '.a.', `$${'.a'.repeat(40)}`])
      expect([path, parseJsonPath(path)]).toEqual([path, null]);
  });

  it('never throw, on any path and any document', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (path, document) => {
        parseJsonPath(path)?.values(document);
      }),
    );
  });

  it('lead from any place of any document to what stands there', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (document) => {
        const some = places(document, '$').slice(0, 50);
        const members = (value: unknown): unknown[] =>
          typeof value === 'object' && value !== null ? Object.values(value) : [];
        expect(some.map(({ path }) => [values(path, document), values(`${path}[*]`, document)])).toEqual(
          some.map(({ value }) => [[value], members(value)]),
        );
      }),
    );
  });
});

describe('checks', () => {
  it('say what is wrong, briefly and printable', () => {
    expect(matches('a+').problem('\u001b[31mred')).toBe(
      'the body does not match "a+"; it begins with "[31mred"',
    );
    expect(short('x'.repeat(500)).length).toBeLessThan(100);
    expect(() => matchesNot('(')).toThrow('"(" is not a pattern of RE2');
    expect(() => json({ path: '$..' })).toThrow('is not a path into JSON');
  });

  it('run in linear time on hostile patterns', () => {
    expect(matches('^(a+)+$').problem(`${'a'.repeat(50_000)}!`)).toContain('does not match');
  });
});

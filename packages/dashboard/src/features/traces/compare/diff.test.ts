import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffRows, ratioWords } from './diff.ts';
import { validateCompareSearch } from './search.ts';

const figures = (self: number, spans = 1) => ({ spans, errors: 0, duration_ns: self, self_ns: self });
const NONE = figures(0, 0);
const step = (operation: string) => ({ service: 'shop', operation });

const PLACES = [
  { path: [step('GET'), step('pay'), step('card')], a: figures(10), b: figures(90) },
  { path: [step('GET')], a: figures(5), b: figures(6) },
  { path: [step('GET'), step('load')], a: figures(20), b: figures(20) },
  { path: [step('GET'), step('retry')], a: NONE, b: figures(3) },
];

describe('two traces place by place', () => {
  it('are a tree, what differs most first, with the places that lead there', () => {
    const rows = diffRows(PLACES, null).map(({ depth, operation, state, difference }) => [
      depth,
      operation,
      state,
      difference,
    ]);
    expect(rows).toEqual([
      [0, 'GET', 'both', 1],
      [1, 'pay', 'missing', 0],
      [2, 'card', 'both', 80],
      [1, 'retry', 'only b', 3],
      [1, 'load', 'both', 0],
    ]);
    expect(diffRows(PLACES, 50).map(({ operation }) => operation)).toEqual(['GET', 'pay', 'card', 'retry']);
    expect(diffRows([], null)).toEqual([]);
  });

  it('hold every place once, below its parent', () => {
    const path = fc.array(fc.constantFrom('a', 'b', 'c').map(step), { minLength: 1, maxLength: 5 });
    const place = fc.record({
      path,
      a: fc.nat(9).map((self) => figures(self)),
      b: fc.nat(9).map((self) => figures(self)),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(place, { selector: ({ path: own }) => JSON.stringify(own), maxLength: 30 }),
        (places) => {
          const rows = diffRows(places, null);
          expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
          expect(rows.filter(({ state }) => state !== 'missing')).toHaveLength(places.length);
          for (const [index, { depth }] of rows.entries())
            expect(depth).toBeLessThanOrEqual(index === 0 ? 0 : (rows[index - 1]?.depth ?? 0) + 1);
        },
      ),
    );
  });

  it.each([
    [10, 90, '9 times'],
    [10, 15, '+50 %'],
    [10, 5, '−50 %'],
    [10, 10, 'unchanged'],
    [0, 5, 'new'],
    [5, 0, 'gone'],
    [0, 0, 'unchanged'],
  ])('say %d against %d in words', (a, b, words) => {
    expect(ratioWords(a, b)).toBe(words);
  });

  it('are named in the URL by valid ids', () => {
    expect(validateCompareSearch({ a: 'AB', b: 12, all: true })).toEqual({ a: 'ab', b: '12', all: true });
    expect(validateCompareSearch({ a: 'x', b: null, all: 'true' })).toEqual({});
  });
});

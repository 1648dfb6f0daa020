import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OrderedWindow } from './ordered-window.ts';
import { quantileOf } from './quantile.ts';

// Zero is its negative here: in which order the two lie, nobody says.
const unsigned = (value: number): number => value + 0;
const value = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);
const quantile = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.constantFrom(0, 0.25, 0.5, 0.9, 1, -1, 2, Number.NaN),
);
/** How far the window's two ends move at each step. */
const moves = fc.array(
  fc.record({ left: fc.nat({ max: 12 }), right: fc.nat({ max: 12 }), wanted: quantile }),
  { minLength: 1, maxLength: 60 },
);

test.each([
  ['that have much in common', { step: 1, range: 1000 }],
  ['that have half in common', { step: 1, range: 2 }],
  ['apart', { step: 2, range: 1 }],
])('windows %s have the quantiles of their values', (_windows, { step, range }) => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), moves, (list, steps) => {
      const values = Float64Array.from(list);
      const window = new OrderedWindow().begin(values, values.length, {
        end: 0,
        count: steps.length,
        step,
        range,
      });
      let from = 0;
      let to = 0;
      for (const { left, right, wanted } of steps) {
        to = Math.min(values.length, to + right);
        from = Math.min(to, from + left);
        if (from === to) continue;
        const expected = quantileOf(wanted, values.slice(from, to));
        expect(unsigned(window.quantile(wanted, from, to))).toBe(unsigned(expected));
      }
    }),
    { numRuns: 3000 },
  );
});

test('a window that slides by one over many values', () => {
  const values = Float64Array.from({ length: 3000 }, (_, i) => Math.imul(i, 2_654_435_761) % 997);
  const window = new OrderedWindow().begin(values, values.length, {
    end: 0,
    count: 2000,
    step: 1,
    range: 1000,
  });
  for (let from = 0; from < 2000; from++)
    expect(window.quantile(0.9, from, from + 1000)).toBe(quantileOf(0.9, values.slice(from, from + 1000)));
});

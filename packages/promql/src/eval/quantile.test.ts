import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantileOf } from './quantile.ts';

/** By its definition: everything in order, NaN first. */
function sortedQuantile(quantile: number, values: readonly number[]): number {
  const nans = values.filter((value) => Number.isNaN(value));
  const sorted = [...nans, ...values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b)];
  const rank = quantile * (sorted.length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(sorted.length - 1, lower + 1);
  return (sorted[lower] ?? 0) * (1 - (rank - lower)) + (sorted[upper] ?? 0) * (rank - lower);
}

// Zero is its negative here: in which order the two lie, nobody says.
const unsigned = (value: number): number => value + 0;
const value = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);

test('is that of the values in order', () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 300 }),
      fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.25, 0.5, 0.9, 1)),
      (values, quantile) => {
        const found = quantileOf(quantile, Float64Array.from(values));
        expect(unsigned(found)).toBe(unsigned(sortedQuantile(quantile, values)));
      },
    ),
    { numRuns: 3000 },
  );
});

test.each([
  ['ascending', (i: number) => i],
  ['descending', (i: number) => -i],
  ['all the same', () => 7],
  ['up and down', (i: number) => (i < 50_000 ? i : 100_000 - i)],
  ['in teeth', (i: number) => i % 17],
])('of a hundred thousand values, %s', (_order, at) => {
  const values = Array.from({ length: 100_000 }, (_, i) => at(i));
  for (const quantile of [0, 0.31, 0.5, 0.99, 1])
    expect(unsigned(quantileOf(quantile, Float64Array.from(values)))).toBe(
      unsigned(sortedQuantile(quantile, values)),
    );
});

test('an order made against it is answered all the same', () => {
  // Each time the three that are looked at are the smallest of what is left: the part shrinks by a few only.
  const length = 20_000;
  const values = new Float64Array(length);
  const places = Array.from({ length }, (_, i) => i);
  let low = 0;
  for (let next = 0; low < length - 2; next += 2) {
    const middle = (low + length - 1) >> 1;
    values[places[low] ?? 0] = next;
    values[places[middle] ?? 0] = next + 1;
    [places[middle], places[low + 1]] = [places[low + 1] ?? 0, places[middle] ?? 0];
    low += 2;
  }
  for (; low < length; low++) values[places[low] ?? 0] = length + low;
  for (const quantile of [0.5, 0.999, 1])
    expect(quantileOf(quantile, Float64Array.from(values))).toBe(sortedQuantile(quantile, [...values]));
});

test('only the first values count, and what is no quantile has none', () => {
  expect(quantileOf(1, Float64Array.of(3, 1, 2, 9), 3)).toBe(3);
  expect(quantileOf(0.5, new Float64Array())).toBeNaN();
  expect(quantileOf(Number.NaN, Float64Array.of(1))).toBeNaN();
  expect(quantileOf(-0.1, Float64Array.of(1))).toBe(Number.NEGATIVE_INFINITY);
  expect(quantileOf(1.1, Float64Array.of(1))).toBe(Number.POSITIVE_INFINITY);
});

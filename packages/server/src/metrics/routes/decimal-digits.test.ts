import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeDigits } from './decimal-digits.ts';

const bytes = Buffer.alloc(64);
const textOf = (value: number): string | undefined => {
  const end = writeDigits(bytes, 3, value);
  return end < 0 ? undefined : bytes.toString('latin1', 3, end);
};

/** Products and quotients of short decimals lie beside them: one digit more or less decides. */
const measured = fc.integer({ min: 1, max: 10 ** 6 }).map((value) => value / 100);
const computed = fc
  .tuple(measured, measured, fc.constantFrom<'times' | 'over' | 'plus'>('times', 'over', 'plus'))
  .map(([a, b, how]) => (how === 'times' ? a * b : how === 'over' ? a / b : a + b / 3));
const anyOf = fc.oneof(
  computed,
  fc.double({ min: 1, max: 2 ** 31, noNaN: true }),
  fc
    .tuple(fc.integer({ min: 1, max: 2 ** 31 - 2 }), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([a, b]) => a + b),
);

test('digits are those that String writes, or nobody said any', () => {
  fc.assert(
    fc.property(anyOf, (value) => {
      expect(textOf(value) ?? String(value)).toBe(String(value));
    }),
    { numRuns: 20_000 },
  );
});

test('nearly every float that something was computed of is written', () => {
  let written = 0;
  for (let i = 1; i <= 10_000; i++) if (textOf((i * 37.13) / 7 + 1) !== undefined) written++;
  expect(written).toBeGreaterThan(9_500);
});

test('neighbours of what has few digits keep all of theirs, and nines carry over', () => {
  for (const value of [
    99.99, 999_999.999_999, 1.1, 9.999_999_999_999_998, 2_147_483_646.999_999_8, 100, 1234.5,
  ])
    for (const near of [value, value * (1 + 2 ** -52), value * (1 - 2 ** -53), value + 2 ** -20])
      expect(textOf(near) ?? String(near)).toBe(String(near));
});

test('what it is not for is left alone', () => {
  for (const value of [0, -0, 0.5, -1.5, 1, 2, 1024, 2 ** 31, 1e21, Number.NaN, Number.POSITIVE_INFINITY])
    expect(textOf(value)).toBeUndefined();
});

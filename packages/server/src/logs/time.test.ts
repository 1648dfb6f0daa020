import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nanosOf, parseTime, timeOfDigits, timeOfNanos, timeWords } from './time.ts';

const nanoseconds = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });

describe('nanoseconds', () => {
  it('keep every bit as words, as digits and as bigint', () => {
    fc.assert(
      fc.property(nanoseconds, (value) => {
        const time = timeOfNanos(value);
        const { low, high } = timeWords(time);
        expect((BigInt(high) << 32n) | BigInt(low)).toBe(value);
        expect(nanosOf(time)).toBe(value);
        const digits = Buffer.from(`x${value}`);
        expect(timeOfDigits(digits, 1, digits.length)).toEqual(time);
      }),
    );
  });

  it.each<[string, bigint]>([
    ['1700000000', 1_700_000_000_000_000_000n],
    ['1700000000123', 1_700_000_000_123_000_000n],
    ['1700000000123456', 1_700_000_000_123_456_000n],
    ['1700000000123456789', 1_700_000_000_123_456_789n],
    ['1700000000.5', 1_700_000_000_500_000_000n],
    ['2023-11-14T22:13:20Z', 1_700_000_000_000_000_000n],
    ['2023-11-14T22:13:20.123456789Z', 1_700_000_000_123_456_789n],
    ['2023-11-14 23:13:20,5+01:00', 1_700_000_000_500_000_000n],
  ])('%s', (text, value) => {
    const time = parseTime(text);
    expect(time === null ? null : nanosOf(time)).toBe(value);
  });

  it.each(['', 'now', '-1', '1e9', '2023-13-14T22:13:20Z', '99999999999999999999', '1969-01-01T00:00:00Z'])(
    '%j is none',
    (text) => expect(parseTime(text)).toBeNull(),
  );
});

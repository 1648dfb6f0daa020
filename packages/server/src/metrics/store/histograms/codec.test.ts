import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricsErrors } from '../../errors.ts';
import { decodeHistogram, encodeHistogram, sameRecord } from './codec.ts';
import { anyHistogram, exampleHistogram } from './testing/arbitrary.ts';

describe('the record of a native histogram', () => {
  it('gives back every field and every bit', () => {
    fc.assert(
      fc.property(anyHistogram, (histogram) => {
        const record = encodeHistogram(histogram);
        const back = decodeHistogram(record);
        expect(back).toEqual(histogram);
        expect(sameRecord(encodeHistogram(back), record)).toBe(true);
      }),
    );
  });

  it('is equal exactly for equal histograms', () => {
    fc.assert(
      fc.property(anyHistogram, anyHistogram, (a, b) => {
        let equal = true;
        try {
          expect(a).toEqual(b);
        } catch {
          equal = false;
        }
        expect(sameRecord(encodeHistogram(a), encodeHistogram(b))).toBe(equal);
      }),
    );
  });

  it('answers foreign or damaged bytes with an error, never with something huge', () => {
    const check = (record: Uint8Array): void => {
      try {
        const { positiveBuckets, negativeBuckets } = decodeHistogram(record);
        expect(positiveBuckets.length + negativeBuckets.length).toBeLessThanOrEqual(record.length);
      } catch (error) {
        expect(metricsErrors.is(error, 'storage')).toBe(true);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), check));
    fc.assert(
      fc.property(anyHistogram, fc.nat(), fc.nat(255), fc.nat(), (histogram, where, byte, cut) => {
        const record = encodeHistogram(histogram);
        record[where % record.length] = byte;
        check(record);
        check(record.subarray(0, cut % record.length));
      }),
    );
  });

  it('takes two bytes or less per bucket of a usual counter', () => {
    expect(encodeHistogram(exampleHistogram(10_000, 20)).length).toBeLessThanOrEqual(16 + 8 + 20 * 2);
  });
});

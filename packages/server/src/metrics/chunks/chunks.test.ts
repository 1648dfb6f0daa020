import { isStaleMarker, writeStaleMarker } from '@pharos/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PharosError } from '../../kernel/errors.ts';
import { anyHistogram, exampleHistogram } from '../store/histograms/testing/arbitrary.ts';
import { BitReader, BitWriter } from './bits.ts';
import { decodeHistogramChunk, encodeFloatHistogramChunk, sameLayout } from './histogram.ts';
import { readVarbitInt, readVarbitUint, writeVarbitInt, writeVarbitUint } from './varbit.ts';
import { decodeXorChunk, encodeXorChunk } from './xor.ts';

const bits = (value: number): string => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16);
};
const rising = fc
  .array(fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 2 ** 40 })), { maxLength: 200 })
  .chain((steps) =>
    fc.integer({ min: -(2 ** 44), max: 2 ** 44 }).map((start) => {
      let time = start;
      return [start, ...steps.map((step) => (time += step))];
    }),
  );

describe('bits', () => {
  it('varbit numbers read back as written', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.integer({ min: -300, max: 300 }),
            fc.maxSafeInteger(),
            fc.constantFrom(4, -3, 32, -31, 256),
          ),
        ),
        (numbers) => {
          const writer = new BitWriter();
          for (const number of numbers) {
            writeVarbitInt(writer, number);
            writeVarbitUint(writer, Math.abs(number));
          }
          const reader = new BitReader(writer.take());
          for (const number of numbers) {
            expect(readVarbitInt(reader)).toBe(number);
            expect(readVarbitUint(reader)).toBe(Math.abs(number));
          }
        },
      ),
    );
  });
});

describe('XOR chunks', () => {
  it('reads back every time and every bit of the values', () => {
    fc.assert(
      fc.property(rising, fc.infiniteStream(fc.double()), (times, stream) => {
        const timestamps = Float64Array.from(times);
        const values = Float64Array.from(stream.take(times.length));
        if (values.length > 1) writeStaleMarker(values, 1);
        const decoded = decodeXorChunk(encodeXorChunk({ timestamps, values }, 0, times.length));
        expect(decoded.timestamps).toEqual(timestamps);
        expect([...decoded.values].map(bits)).toEqual([...values].map(bits));
        if (values.length > 1) expect(isStaleMarker(decoded.values[1])).toBe(true);
      }),
    );
  });

  it('refuses any other bytes with an error of its own', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        for (const decode of [
          decodeXorChunk,
          (some: Uint8Array) => decodeHistogramChunk(some, 'int'),
          (some: Uint8Array) => decodeHistogramChunk(some, 'float'),
        ]) {
          try {
            decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(PharosError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('histogram chunks', () => {
  it('reads back float histograms bit by bit, each with the layout of the first', () => {
    fc.assert(
      fc.property(anyHistogram, rising, (histogram, times) => {
        const histograms = times.map((_, i) => ({ ...histogram, sum: histogram.sum + i, count: i }));
        const decoded = decodeHistogramChunk(encodeFloatHistogramChunk(times, histograms), 'float');
        expect(decoded.map(({ timestamp }) => timestamp)).toEqual(times);
        const after = histogram.resetHint === 'gauge' ? 'gauge' : 'not_reset';
        for (const [i, { histogram: read }] of decoded.entries())
          expect(read).toEqual({ ...histograms[i], ...(i > 0 && { resetHint: after }) });
      }),
    );
  });

  it('tells whether one fits behind another', () => {
    const one = exampleHistogram(10);
    expect(sameLayout(one, { ...exampleHistogram(20), resetHint: 'reset' })).toBe(true);
    expect(sameLayout(one, exampleHistogram(10, 9))).toBe(false);
    expect(sameLayout(one, { ...one, zeroThreshold: 1 })).toBe(false);
  });
});

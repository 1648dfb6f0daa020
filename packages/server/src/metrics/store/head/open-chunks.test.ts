import { writeStaleMarker } from '@pharos/promql';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_SAMPLES } from './chunk.ts';
import { ColumnArena } from './column-arena.ts';
import { OpenChunks } from './open-chunks.ts';
import { SeriesPage } from './series-pages.ts';

const value = fc.oneof(
  fc.double(),
  fc.integer({ min: -300, max: 300 }),
  fc.integer({ min: 0, max: 2 ** 30 }),
  fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
  fc.float(),
  fc.constantFrom(0, -0, 1.5, 2.5, Number.NaN, -Infinity, Number.MAX_SAFE_INTEGER, 2 ** 53, 'stale' as const),
);

const column = (values: readonly (number | 'stale')[]): Float64Array => {
  const all = new Float64Array(values.length);
  values.forEach((one, i) => (one === 'stale' ? writeStaleMarker(all, i) : (all[i] = one)));
  return all;
};

const bits = (values: Float64Array): number[] => [...new Uint32Array(values.slice().buffer)];

function contents(chunks: OpenChunks, page: SeriesPage, slot: number): { times: number[]; bits: number[] } {
  const arena = new ColumnArena();
  arena.reserve(CHUNK_SAMPLES);
  chunks.read(page, slot, arena);
  return {
    times: [...arena.timestamps.subarray(0, arena.next)],
    bits: bits(arena.values.subarray(0, arena.next)),
  };
}

describe('open chunks', () => {
  const step = fc.oneof(fc.constant(15_000), fc.integer({ min: 1, max: 40_000 }), fc.constant(2 ** 26));
  const series = fc.record({
    regular: fc.boolean(),
    points: fc.array(fc.tuple(step, value), { minLength: 1, maxLength: CHUNK_SAMPLES }),
    /** Which of the points come after the others. */
    late: fc.array(fc.nat(CHUNK_SAMPLES - 1), { maxLength: 4 }),
  });

  it('give back every time and every bit of several series, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(series, { minLength: 1, maxLength: 4 }), (all) => {
        const chunks = new OpenChunks();
        const page = new SeriesPage();
        const expected = all.map(({ regular, points }) => {
          let at = 1.7e12;
          const times = points.map(([distance]) => (at += regular ? 15_000 : distance));
          return { times, values: column(points.map(([, one]) => one)) };
        });
        for (let i = 0; i < CHUNK_SAMPLES; i++)
          for (const [slot, { times, values }] of expected.entries())
            if (i < times.length && (i === 0 || !all[slot]!.late.includes(i)))
              chunks.append(page, slot, times[i]!, values[i]!);
        for (const [slot, { times, values }] of expected.entries())
          for (const i of new Set(all[slot]!.late)) {
            if (i === 0 || i >= times.length) continue;
            expect(chunks.insert(page, slot, times[i]!, values[i]!)).toBe(true);
            expect(chunks.insert(page, slot, times[i]!, 1)).toBe(false);
          }
        for (const [slot, { times, values }] of expected.entries()) {
          expect(page.openCount[slot]).toBe(times.length);
          expect(contents(chunks, page, slot)).toEqual({ times, bits: bits(values) });
          const closed = chunks.close(page, slot);
          const { base, count, step } = closed;
          const offsets =
            step === null ? [...closed.offsets.subarray(0, count)] : times.map((_, i) => i * step);
          expect(offsets.map((offset) => base + offset)).toEqual(times);
          expect(bits(closed.values.subarray(0, count))).toEqual(bits(values));
          expect(page.openCount[slot]).toBe(0);
        }
      }),
    );
  });

  it('take a byte a sample where nothing changes, and use their blocks again', () => {
    const chunks = new OpenChunks();
    const page = new SeriesPage();
    for (let round = 0; round < 1000; round++) {
      for (let i = 0; i < 20; i++) chunks.append(page, 0, i * 1000, 7);
      expect(page.openUsed[0]).toBe(20);
      for (let i = 0; i < 20; i++) chunks.append(page, 1, i * 1000, i * 100);
      expect(page.openUsed[1]).toBe(39);
      for (let i = 0; i < 20; i++) chunks.append(page, 2, i * 1000 + (i % 3), 1e6 + i);
      expect(page.openUsed[2]).toBeLessThan(64);
      for (const slot of [0, 1, 2]) chunks.close(page, slot);
    }
    expect(chunks.bytes).toBe(4096 * 32);
  });
});

import { Labels, writeStaleMarker } from '@pharos/promql';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createSeriesHasher, type SeriesHasher } from '../series-key.ts';
import { ColumnArena } from './column-arena.ts';
import { Head } from './head.ts';
import { LateSamples } from './late-samples.ts';
import { RecordColumns } from './record-columns.ts';
import { StartRuns } from './start-runs.ts';

let hasher: SeriesHasher;
beforeAll(async () => {
  hasher = await createSeriesHasher();
});

const SAMPLES = 8000;
const BASE = 1e12;
/** Numbers that may be copied per sample, over all columns. */
const MOST_COPIED = 1000;

/** Numbers moved within lists and columns of floats while it runs. */
function copiedBy(work: () => void): number {
  let copied = 0;
  const { copyWithin, set } = Float64Array.prototype;
  const { splice } = Array.prototype;
  const spies = [
    vi.spyOn(Float64Array.prototype, 'copyWithin').mockImplementation(function (this: Float64Array, ...args) {
      copied += (args[2] ?? this.length) - args[1];
      return copyWithin.apply(this, args);
    }),
    vi.spyOn(Float64Array.prototype, 'set').mockImplementation(function (this: Float64Array, ...args) {
      copied += args[0].length;
      set.apply(this, args);
    }),
    vi.spyOn(Array.prototype, 'splice').mockImplementation(function (
      this: unknown[],
      from: number,
      gone: number,
      ...added: unknown[]
    ) {
      copied += this.length - from;
      return Reflect.apply(splice, this, [from, gone, ...added]);
    }),
  ];
  try {
    work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return copied;
}

function newHead(): { head: Head; ref: number } {
  const head = new Head({
    hasher,
    seriesLimit: 10,
    labelBytes: 2 ** 30,
    budgetBytes: 2 ** 30,
    windowMs: 1e12,
  });
  return { head, ref: head.resolve('t', Labels.fromRecord({ i: '1' })) };
}

/** Orders in which samples of one series may come: index of the sample's time by when it comes. */
const ORDERS: readonly [string, (i: number) => number][] = [
  ['newest first', (i) => SAMPLES - i],
  ['from both ends', (i) => (i % 2 === 0 ? i : SAMPLES * 2 - i)],
  ['in no order', (i) => (i * 7919) % SAMPLES],
  ['newest first into the gaps of a first pass', (i) => (i < SAMPLES / 2 ? i * 4 : SAMPLES * 2 - i * 2 - 1)],
];

describe.each(ORDERS)('samples of one series %s are not copied again for each other', (_, timeOf) => {
  const times = Float64Array.from({ length: SAMPLES }, (__, i) => BASE + timeOf(i) * 10);
  const sorted = [...new Set(times)].sort((a, b) => a - b);

  it('when they are plain, together and one by one', () => {
    for (const together of [true, false]) {
      const { head, ref } = newHead();
      const refs = new Uint32Array(SAMPLES).fill(ref);
      const values = times.map((time) => time - BASE);
      const indices = Uint32Array.from(refs, (__, i) => i);
      const copied = copiedBy(() => {
        if (together) head.insertEach({ refs, timestamps: times, values }, indices, 1);
        else for (const i of indices) head.insert(ref, times[i]!, values, i, 1);
      });
      expect(copied / SAMPLES).toBeLessThan(MOST_COPIED);
      const read = head.read(ref, 0, 2e12, new ColumnArena())!;
      expect([...read.timestamps.subarray(read.from, read.to)]).toEqual(sorted);
      expect([...read.values.subarray(read.from, read.to)]).toEqual(sorted.map((time) => time - BASE));
    }
  });

  it('when they are histograms', () => {
    const { head, ref } = newHead();
    const record = new Uint8Array(3);
    const copied = copiedBy(() => {
      for (const timestamp of times) head.insertRecord(ref, record, { timestamp, start: 0, position: 1 });
    });
    expect(copied / SAMPLES).toBeLessThan(MOST_COPIED);
    expect(head.stats().histograms).toBe(sorted.length);
  });

  it('when they know their start, and histograms come between them', () => {
    const { head, ref } = newHead();
    const value = new Float64Array(1);
    const record = new Uint8Array(3);
    const copied = copiedBy(() => {
      for (const timestamp of times) {
        head.insertStarted(ref, value, 0, { timestamp, start: 5, position: 1 });
        head.insertRecord(ref, record, { timestamp: timestamp + 5, start: 5, position: 1 });
      }
    });
    expect(copied / SAMPLES).toBeLessThan(2 * MOST_COPIED);
  });
});

describe('rows that come in any order', () => {
  // Runs of falling, rising and mixed times, so that leaves fill from every side.
  const run = fc
    .record({
      from: fc.nat(3000),
      step: fc.constantFrom(-3, -1, 1, 2, 7),
      length: fc.integer({ min: 1, max: 700 }),
    })
    .map(({ from, step, length }) => Array.from({ length }, (_, i) => BASE + Math.abs(from + i * step)));
  const mixed = fc.array(
    fc.nat(3000).map((time) => BASE + time),
    { maxLength: 50 },
  );
  const arrivals = fc.array(fc.oneof(run, mixed), { maxLength: 5 }).map((runs) => runs.flat());
  const window = fc
    .tuple(fc.nat(3000), fc.nat(3000))
    .map(([a, b]) => [BASE + Math.min(a, b), BASE + Math.max(a, b)] as const);

  it('late samples are read sorted, the first of each time, with every bit, and dropped by age and position', () => {
    fc.assert(
      fc.property(arrivals, window, fc.nat(3000), (times, [from, to], drop) => {
        const late = new LateSamples();
        let model = new Map<number, { value: number; position: number }>();
        const value = new Float64Array(1);
        times.forEach((time, i) => {
          writeStaleMarker(value, 0);
          if (i % 3 !== 0) value[0] = i;
          expect(late.add(1, time, value, i % 7)).toBe(!model.has(time));
          if (!model.has(time)) model.set(time, { value: i % 3 === 0 ? -1 : i, position: i % 7 });
        });
        const check = (): void => {
          const expected = [...model]
            .filter(([time]) => time >= from && time <= to)
            .sort(([a], [b]) => a - b);
          const arena = new ColumnArena();
          arena.reserve(late.count(1));
          late.read(1, from, to, arena);
          expect([...arena.timestamps.subarray(0, arena.next)]).toEqual(expected.map(([time]) => time));
          const marker = new Float64Array(1);
          writeStaleMarker(marker, 0);
          const bits = expected.map(([, sample]) =>
            sample.value < 0 ? marker : Float64Array.of(sample.value),
          );
          expect(bitsOf(arena.values.slice(0, arena.next))).toEqual(bits.flatMap(bitsOf));
          expect([late.count(1), late.total]).toEqual([model.size, model.size]);
        };
        check();
        late.dropFlushed(BASE + drop, 3);
        model = new Map([...model].filter(([time, { position }]) => time >= BASE + drop || position > 3));
        check();
        late.forget(1);
        expect([late.total, late.bytes]).toEqual([0, 0]);
      }),
      { numRuns: 60 },
    );
  });

  it('histograms are read sorted with what came with them, and dropped by age and position', () => {
    fc.assert(
      fc.property(arrivals, window, fc.nat(3000), (times, [from, to], drop) => {
        const columns = new RecordColumns();
        let model = new Map<number, { start: number; position: number; record: Uint8Array }>();
        times.forEach((timestamp, i) => {
          expect(columns.at(1, timestamp)).toEqual(model.get(timestamp)?.record);
          if (model.has(timestamp)) return;
          const sample = {
            start: i,
            position: i % 7,
            record: Uint8Array.of(i & 255, i >> 8, ...Array(i % 5)),
          };
          columns.add(1, { timestamp, ...sample }, sample.record);
          model.set(timestamp, sample);
        });
        const check = (): void => {
          const expected = [...model].filter(([time]) => time > from && time <= to).sort(([a], [b]) => a - b);
          const read = columns.read(1, from, to);
          expect(read === null).toBe(expected.length === 0);
          expect([...(read?.timestamps ?? [])]).toEqual(expected.map(([time]) => time));
          expect([...(read?.starts ?? [])]).toEqual(expected.map(([, { start }]) => start));
          expect([...(read?.records ?? [])]).toEqual(expected.map(([, { record }]) => record));
          expect(columns.samples).toBe(model.size);
        };
        check();
        const isOld = (time: number, position: number): boolean => time < BASE + drop && position <= 3;
        const old = [...model].filter(([time, { position }]) => isOld(time, position));
        const newest = columns.dropFlushed(BASE + drop, 3);
        const dropped = old.length > 0 && old.length >= model.size >> 3;
        expect(newest).toBe(dropped ? Math.max(...old.map(([time]) => time)) : Number.NEGATIVE_INFINITY);
        if (dropped) model = new Map([...model].filter(([time, { position }]) => !isOld(time, position)));
        check();
        columns.forget(1);
        expect([columns.samples, columns.bytes]).toEqual([0, 0]);
      }),
      { numRuns: 30 },
    );
  });

  it('starts are those noted with each time', () => {
    fc.assert(
      fc.property(arrivals, fc.nat(3000), (times, drop) => {
        const runs = new StartRuns();
        const model = new Map<number, number>();
        let newest = Number.NEGATIVE_INFINITY;
        times.forEach((timestamp, i) => {
          if (model.has(timestamp)) return;
          const start = (i >> 3) % 4;
          runs.note(1, { timestamp, start, newest: timestamp > newest });
          newest = Math.max(newest, timestamp);
          model.set(timestamp, start);
        });
        const check = (below: number): void => {
          const known = [...model].filter(([time]) => time >= below);
          const starts = new Float64Array(known.length);
          runs.fill(
            1,
            Float64Array.from(known, ([time]) => time),
            starts,
          );
          expect([...starts]).toEqual(known.map(([, start]) => start));
        };
        check(0);
        runs.dropBefore(BASE + drop, () => true);
        check(BASE + drop);
        runs.forget(1);
        expect(runs.bytes).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

function bitsOf(values: Float64Array): number[] {
  return [...new Uint32Array(values.buffer, values.byteOffset, values.length * 2)];
}

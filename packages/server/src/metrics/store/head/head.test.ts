import { createMatcher, isStaleMarker, Labels, writeStaleMarker } from '@pharos/promql';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSeriesHasher, type SeriesHasher } from '../series-key.ts';
import { CHUNK_SAMPLES, OpenColumns, readChunk, sealChunk } from './chunk.ts';
import { ColumnArena } from './column-arena.ts';
import { Head } from './head.ts';
import { KeyTable } from './key-table.ts';
import { LabelIndex } from './label-index.ts';
import { SeriesLabels } from './series-labels.ts';
import { SeriesPages, slotOf } from './series-pages.ts';
import { Slabs } from './slabs.ts';

let hasher: SeriesHasher;
beforeAll(async () => {
  hasher = await createSeriesHasher();
});

const NONE = { slab: -1, offset: 0 };

describe('a sealed chunk', () => {
  const value = fc.oneof(
    fc.double(),
    fc.integer({ min: -300, max: 300 }),
    fc.integer({ min: 0, max: 2 ** 33 }),
    fc.float(),
    fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, 2 ** 53),
  );

  it('gives back every time and every bit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 70_000 }), value, fc.boolean()), {
          minLength: 1,
          maxLength: CHUNK_SAMPLES,
        }),
        fc.boolean(),
        (points, regular) => {
          let at = 0;
          const offsets = Int32Array.from(points, ([step], i) => {
            if (i > 0) at += regular ? 15_000 : step;
            return at;
          });
          const values = Float64Array.from(points, ([, v]) => v);
          points.forEach(([, , stale], i) => {
            if (stale) writeStaleMarker(values, i);
          });
          const slabs = new Slabs();
          // Twice, so that the second one shares the first one's times.
          const first = sealChunk(slabs, new OpenColumns(offsets, values, 1e12), NONE);
          const second = sealChunk(slabs, new OpenColumns(offsets, values, 2e12), first);
          for (const [address, base] of [
            [first, 1e12],
            [second, 2e12],
          ] as const) {
            const arena = new ColumnArena();
            arena.reserve(CHUNK_SAMPLES);
            readChunk(slabs.get(address.slab)!, address.offset, arena);
            expect(arena.next).toBe(points.length);
            expect([...arena.timestamps.subarray(0, arena.next)]).toEqual([...offsets].map((o) => base + o));
            const bits = (array: Float64Array): number[] => [
              ...new Uint32Array(array.slice(0, points.length).buffer),
            ];
            expect(bits(arena.values)).toEqual(bits(values));
          }
        },
      ),
    );
  });

  it('takes little room for constants and small steps', () => {
    const bytes = (make: (i: number) => number): number => {
      const slabs = new Slabs();
      const offsets = Int32Array.from({ length: CHUNK_SAMPLES }, (_, i) => i * 15_000);
      const values = Float64Array.from({ length: CHUNK_SAMPLES }, (_, i) => make(i));
      sealChunk(slabs, new OpenColumns(offsets, values), NONE);
      return (slabs.get(0)?.used ?? 0) * 8;
    };
    expect([bytes(() => 0.1), bytes((i) => 1e9 + i), bytes((i) => i * 1000), bytes((i) => i * 0.1)]).toEqual([
      32, 64, 96, 288,
    ]);
  });
});

it('the key table finds what it was given, also after removals', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.nat(5), fc.nat(1000)), {
        selector: ([m, l]) => `${m} ${l}`,
        maxLength: 300,
      }),
      fc.nat(3),
      (keys, drop) => {
        const table = new KeyTable();
        keys.forEach(([metric, low], i) => table.add({ metric, low, high: low * 7 }, i + 1));
        table.retain((ref) => ref % 4 !== drop);
        for (const [i, [metric, low]] of keys.entries()) {
          const expected = (i + 1) % 4 === drop ? 0 : i + 1;
          expect(table.get({ metric, low, high: low * 7 })).toBe(expected);
          expect(table.get({ metric, low, high: low * 7 + 1 })).toBe(0);
        }
      },
    ),
  );
});

it('takes samples together as it takes them one by one', () => {
  const sample = fc.record({
    series: fc.nat(3),
    time: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constant(2 ** 32)),
    value: fc.oneof(fc.double(), fc.constant('stale' as const)),
  });
  fc.assert(
    fc.property(fc.array(fc.array(sample, { maxLength: 60 }), { maxLength: 4 }), (rounds) => {
      const heads = [0, 1].map(
        () =>
          new Head({ hasher, seriesLimit: 10, labelBytes: 2 ** 30, budgetBytes: 2 ** 30, windowMs: 1e12 }),
      );
      const contents = heads.map((head, together) => {
        const known = [0, 1, 2].map((i) => head.resolve('t', Labels.fromRecord({ i: String(i) })));
        const refs = [...known, 999];
        for (const [round, samples] of rounds.entries()) {
          const columns = {
            refs: Uint32Array.from(samples, ({ series }) => refs[series] ?? 0),
            timestamps: Float64Array.from(samples, ({ time }) => 1e12 + time),
            values: Float64Array.from(samples, ({ value }) => (value === 'stale' ? 0 : value)),
          };
          samples.forEach(({ value }, i) => {
            if (value === 'stale') writeStaleMarker(columns.values, i);
          });
          const indices = Uint32Array.from(samples, (_, i) => i);
          if (together === 1) head.insertEach(columns, indices, round + 1);
          else
            for (const i of indices)
              head.insert(columns.refs[i]!, columns.timestamps[i]!, columns.values, i, round + 1);
        }
        return known.map((ref) => {
          const read = head.read(ref, 0, 2e12, new ColumnArena());
          const page = head.pageOf(ref)!;
          const slot = slotOf(ref);
          return [
            read?.timestamps.slice(read.from, read.to),
            read && [...new Uint32Array(read.values.slice(read.from, read.to).buffer)],
            [page.firstTimestamp[slot], page.lastTimestamp[slot], page.position[slot], head.newest],
          ];
        });
      });
      expect(contents[1]).toEqual(contents[0]);
    }),
  );
});

it('seals the chunks of series that began together at different times, and gives them back whole', () => {
  const [series, rounds] = [1024, 4 * CHUNK_SAMPLES];
  const head = new Head({
    hasher,
    seriesLimit: series,
    labelBytes: 2 ** 30,
    budgetBytes: 2 ** 30,
    windowMs: 1e12,
  });
  const refs = Uint32Array.from({ length: series }, (_, i) =>
    head.resolve('t', Labels.fromRecord({ i: String(i) })),
  );
  const indices = Uint32Array.from(refs, (_, i) => i);
  const sealed = [];
  for (let round = 0; round < rounds; round++) {
    const before = head.stats().chunks;
    const timestamps = new Float64Array(series).fill(1e12 + round * 1000);
    head.insertEach({ refs, timestamps, values: Float64Array.from(refs, (ref) => ref + round) }, indices, 1);
    sealed.push(head.stats().chunks - before);
  }
  expect(Math.max(...sealed)).toBeLessThanOrEqual(series / 8);
  expect(sealed.reduce((sum, chunks) => sum + chunks)).toBeLessThanOrEqual((series * rounds) / CHUNK_SAMPLES);
  for (const ref of refs) {
    const read = head.read(ref, 0, 2e12, new ColumnArena());
    expect(read?.values.slice(read.from, read.to)).toEqual(
      Float64Array.from({ length: rounds }, (_, round) => ref + round),
    );
  }
});

it('the label index agrees with trying every series, over additions and removals', () => {
  const name = fc.constantFrom('__name__', 'job', 'pod', '__proto__', 'constructor');
  const text = fc.constantFrom('a', 'b', 'ab', '', '__proto__', 'x.y');
  const matcher = fc.tuple(
    name,
    fc.constantFrom('=', '!=', '=~', '!~'),
    fc.oneof(text, fc.constantFrom('.*', '.+', 'a|b', 'a.*', '(a|x).*')),
  );
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.tuple(name, text), { maxLength: 4 }), { maxLength: 80 }),
      fc.array(matcher, { maxLength: 3 }),
      fc.nat(4),
      (sets, rules, drop) => {
        const living = new Map<number, Labels>();
        const pages = new SeriesPages();
        const index = new LabelIndex(pages);
        const add = (pairs: [string, string][], low: number): void => {
          const labels = Labels.fromPairs(pairs);
          const numbers = index.pairsOf(labels);
          const ref = pages.add({ tenant: 0, key: { metric: 1, low, high: 3 }, pairs: numbers });
          index.add(ref, numbers);
          living.set(ref, labels);
        };
        sets.forEach(add);
        const gone = new Set([...living.keys()].filter((ref) => ref % 5 === drop));
        index.remove(gone);
        for (const ref of gone) {
          pages.remove(ref);
          living.delete(ref);
        }
        // Numbers of pairs that went are used again.
        for (const [i, pairs] of sets.slice(0, 10).entries()) add(pairs, 1000 + i);
        for (const [ref, labels] of living) {
          expect(index.labelsAt(pages.pageOf(ref)!, slotOf(ref)).pairs).toEqual(labels.pairs);
          expect(index.keys.get(pages.pageOf(ref)!.keyAt(slotOf(ref)))).toBe(ref);
        }
        const matchers = rules.map(([n, op, v]) => createMatcher(n, op, v));
        const expected = [...living].filter(([, l]) => matchers.every((m) => m.matches(l.get(m.name))));
        expect(index.match(matchers)).toEqual(expected.map(([ref]) => ref));
        expect(index.size).toBe(living.size);
        const fresh = new LabelIndex(new SeriesPages());
        for (const labels of living.values()) fresh.pairsOf(labels);
        expect(index.labelBytes).toBe(fresh.labelBytes);
        expect([...index.names()].sort()).toEqual(
          [...new Set([...living.values()].flatMap((l) => [...l.toMap().keys()]))].sort(),
        );
      },
    ),
  );
});

it('label sets are made once while there is room, and go with their pages', () => {
  const pages = new SeriesPages();
  const labels = new SeriesLabels((_, slot) => Labels.fromRecord({ slot: `${slot}` }), 3);
  const refs = Array.from({ length: 1030 }, (_, low) =>
    pages.add({ tenant: 0, key: { metric: 0, low, high: 0 }, pairs: [] }),
  );
  const of = (ref: number): Labels => labels.of(ref, pages.pageOf(ref)!);
  const first = of(1);
  expect([first.get('slot'), of(1)]).toEqual(['1', first]);
  expect(of(1)).toBe(first);
  // The third of another page is one too many: the first page's go.
  const others = refs.slice(-4).map(of);
  expect(of(1)).not.toBe(first);
  expect(of(1030)).toBe(others[3]);
  const page = pages.pageOf(2)!;
  const second = of(2);
  pages.remove(2);
  labels.forget(2, page);
  expect(page.labels?.[2]).toBeUndefined();
  expect(second.get('slot')).toBe('2');
});

describe('the head', () => {
  const head = (options: object = {}): Head =>
    new Head({
      hasher,
      seriesLimit: 1e6,
      labelBytes: 2 ** 30,
      budgetBytes: 2 ** 30,
      windowMs: 60_000,
      ...options,
    });
  const series = (i: number): Labels => Labels.fromRecord({ __name__: 'm', i: `${i}` });

  it('never reuses a ref and forgets series that were never written', () => {
    const one = head();
    const first = one.resolve('t', series(1));
    one.collect(0, 1e15);
    expect(one.labelsOf(first)?.key).toBe(series(1).key);
    one.collect(0, 1e15);
    expect([one.labelsOf(first), one.seriesOf('t')]).toEqual([undefined, 0]);
    expect(one.resolve('t', series(1))).toBeGreaterThan(first);
  });

  it('keeps series that somebody holds, until it lets go of them', () => {
    const one = head();
    const [held, other] = [one.resolve('t', series(1)), one.resolve('t', series(2))];
    for (const ref of [held, other]) one.insert(ref, 1e12, Float64Array.of(1), 0, 1);
    one.insert(one.resolve('t', series(3)), 1e12 + 120_000, Float64Array.of(1), 0, 2);
    const holder = { eachRef: (visit: (ref: number) => void) => visit(held) };
    one.holders.hold(holder);
    one.collect(2, 1e15);
    expect([one.pageOf(held) !== undefined, one.pageOf(other)]).toEqual([true, undefined]);
    one.holders.letGo(holder);
    one.collect(2, 1e15);
    expect(one.pageOf(held)).toBeUndefined();
  });

  it('drops only what is flushed, and raises its floor above it', () => {
    const one = head();
    const values = Float64Array.of(0.5);
    const refs = Array.from({ length: 2000 }, (_, i) => one.resolve('t', series(i)));
    for (let step = 0; step < 300; step++)
      for (const ref of refs) one.insert(ref, step * 1000 + 1e12, values, 0, step + 1);
    one.collect(0, 1e15);
    expect(one.floor).toBe(Number.NEGATIVE_INFINITY);
    one.collect(300, 1e15);
    expect(one.floor).toBeGreaterThan(1e12);
    expect(one.floor).toBeLessThanOrEqual(1e12 + 300_000 - 60_000);
    const arena = new ColumnArena();
    const found = one.read(refs[7] ?? 0, one.floor - 1, 1e13, arena);
    expect(found?.timestamps[found.from]).toBe(one.floor + 999);
    expect(found === null ? 0 : found.to - found.from).toBe((1e12 + 300_000 - one.floor - 999) / 1000);
  });

  it('lets late samples go that are flushed: old ones, and the oldest where they are more than their part of the budget', () => {
    const one = new Head({
      hasher,
      seriesLimit: 10,
      labelBytes: 2 ** 30,
      budgetBytes: 2 ** 20,
      windowMs: 3_600_000,
    });
    const ref = one.resolve('t', series(1));
    one.insert(ref, 1e12, Float64Array.of(1), 0, 1);
    const [lastHour, dayBefore] = [1e12 - 3_000_000, 1e12 - 86_400_000];
    for (const [at, first] of [dayBefore, lastHour].entries())
      for (let i = 0; i < 20_000; i++) one.insert(ref, first + i * 100, Float64Array.of(i), 0, at + 2);
    one.collect(1, 1e12);
    expect([one.stats().lateSamples, one.floor]).toEqual([40_000, Number.NEGATIVE_INFINITY]);
    // A new installation: nothing else left, so that nothing else has raised the floor.
    one.collect(2, 1e12);
    expect([one.stats().lateSamples, one.floor]).toEqual([20_000, dayBefore + 19_999 * 100 + 1]);
    expect(one.stats().lateBytes).toBeGreaterThan(2 ** 18);
    one.collect(3, 1e12);
    expect(one.stats().lateBytes).toBeLessThanOrEqual(2 ** 18);
    expect(one.stats().lateSamples).toBeGreaterThan(5_000);
    expect(one.floor).toBeGreaterThan(lastHour);
    const found = one.read(ref, one.floor - 1, 1e12, new ColumnArena());
    expect(found === null ? 0 : found.to - found.from).toBe(one.stats().lateSamples + 1);
  });

  it('keeps living series where its floor lies ahead of them, as after a start without the engine', () => {
    const one = new Head({
      hasher,
      seriesLimit: 10,
      labelBytes: 2 ** 30,
      budgetBytes: 2 ** 30,
      windowMs: 3 * 3_600_000,
    });
    one.raiseFloor(1e12 + 600_000);
    const [lives, ended] = [one.resolve('t', series(1)), one.resolve('t', series(2))];
    one.insert(ended, 1e12 - 3_600_000, Float64Array.of(1), 0, 1);
    for (let step = 0; step < 10; step++) {
      one.insert(lives, 1e12 + step * 30_000, Float64Array.of(1), 0, step + 2);
      one.collect(step + 2, 1e12 + step * 30_000 + 600_000);
      expect(one.pageOf(lives)).toBeDefined();
    }
    expect(one.pageOf(ended)).toBeUndefined();
    expect(one.floor).toBe(1e12 + 600_000);
  });

  it('keeps the window when a wrong clock left samples in the future', () => {
    const one = head();
    const ref = one.resolve('t', series(1));
    const ahead = one.resolve('t', series(2));
    one.insert(ref, 1e12, Float64Array.of(1), 0, 1);
    one.insert(ahead, 1e12 + 86_400_000, Float64Array.of(1), 0, 2);
    one.collect(2, 1e12 + 1000);
    const found = one.read(ref, 1e12 - 1, 1e12, new ColumnArena());
    expect([found?.labels.key, found?.values[found.from]]).toEqual([series(1).key, 1]);
  });

  it('keeps a staleness marker in every place a sample can be', () => {
    const one = head();
    const ref = one.resolve('t', series(1));
    const marker = new Float64Array(1);
    writeStaleMarker(marker, 0);
    const order = [10, 30, 20, 5, ...Array.from({ length: 60 }, (_, i) => 100 + i)];
    for (const t of order) one.insert(ref, t, marker, 0, 1);
    const found = one.read(ref, 0, 1000, new ColumnArena());
    expect(found === null ? [] : [...found.timestamps.subarray(found.from, found.to)]).toEqual(
      [...order].sort((a, b) => a - b),
    );
    for (let i = found?.from ?? 0; i < (found?.to ?? 0); i++)
      expect(isStaleMarker(found!.values[i]!)).toBe(true);
  });
});

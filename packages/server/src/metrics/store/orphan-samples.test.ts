import { createMatcher, isStaleMarker, Labels, writeStaleMarker } from '@pharos/promql';
import { beforeEach, expect, it, vi } from 'vitest';
import { ColumnArena } from './head/column-arena.ts';
import { Head } from './head/head.ts';
import { TimeRows } from './head/time-rows.ts';
import { OrphanSamples } from './orphan-samples.ts';
import { createSeriesHasher, type SeriesKey } from './series-key.ts';
import type { SeriesDirectory } from './series-lookup.ts';

const BASE = 1e12;
const LABELS = Labels.fromRecord({ __name__: 'up', job: 'a' });

let head: Head;
let key: SeriesKey;
let orphans: OrphanSamples;
beforeEach(async () => {
  const hasher = await createSeriesHasher();
  key = hasher.keyOf(LABELS);
  head = new Head({ hasher, seriesLimit: 10, labelBytes: 2 ** 20, budgetBytes: 2 ** 30, windowMs: 1e9 });
  orphans = new OrphanSamples(head);
});

function directory(known: readonly Labels[]): SeriesDirectory {
  return {
    find: () => Promise.resolve([]),
    byKeys: () => Promise.resolve(known.map((labels) => ({ key, labels }))),
    texts: () => Promise.resolve([]),
  };
}

const value = (number: number | 'stale'): Float64Array => {
  const one = Float64Array.of(number === 'stale' ? 0 : number);
  if (number === 'stale') writeStaleMarker(one, 0);
  return one;
};

/** Ten seconds apart, the fourth one stale, the last with a start time, a histogram behind them. */
function addAll(): void {
  // What rows are read into is used again by the next.
  const row = new Float64Array(1);
  for (let i = 0; i < 5; i++) {
    row.set(value(i === 3 ? 'stale' : i));
    const start = i === 4 ? BASE - 1000 : 0;
    orphans.addFloat('t', key, { timestamp: BASE + i * 10_000, start, value: row }, i + 1);
  }
  const at = { timestamp: BASE + 50_000, start: 0, position: 6 };
  const show = (ref: number): void => void head.insertRecord(ref, new Uint8Array(3), at);
  orphans.addRich('t', key, { timestamp: at.timestamp, position: 6, show });
}

it('shows what waited as it came once the labels are known', async () => {
  addAll();
  await orphans.adopt(directory([]));
  expect([orphans.count, head.seriesOf('t')]).toEqual([6, 0]);
  await orphans.adopt(directory([LABELS]));
  expect(orphans.count).toBe(0);
  const ref = head.refOf('t', key);
  const read = head.read(ref, 0, BASE + 40_000, new ColumnArena(), true)!;
  const values = [...read.values.subarray(read.from, read.to)];
  expect(values.map((v, i) => (isStaleMarker(v) ? 'stale' : [i, v]))).toEqual([
    [0, 0],
    [1, 1],
    [2, 2],
    'stale',
    [4, 4],
  ]);
  expect(read.starts?.[read.to - 1]).toBe(BASE - 1000);
  expect(head.stats().histograms).toBe(1);
  expect(head.selection('t', [createMatcher('job', '=', 'a')])?.count).toBe(1);
});

it('has the engine asked anew once it has what waited, and not before', () => {
  addAll();
  const before = head.engineGeneration;
  orphans.collect(0);
  expect(head.engineGeneration).toBe(before);
  orphans.collect(3);
  const after = head.engineGeneration;
  expect(after).toBeGreaterThan(before);
  orphans.collect(3);
  expect(head.engineGeneration).toBe(after);
});

it('lets go of what the engine has by now, and the floor rises above it, so that the engine answers', async () => {
  addAll();
  orphans.collect(0);
  expect([orphans.count, head.floor]).toEqual([6, Number.NEGATIVE_INFINITY]);
  orphans.collect(3);
  expect([orphans.count, head.floor]).toEqual([3, BASE + 20_001]);
  await orphans.adopt(directory([LABELS]));
  const read = head.read(head.refOf('t', key), 0, BASE + 40_000, new ColumnArena())!;
  expect(read.to - read.from).toBe(2);
});

it('copies nothing while nothing more is in the engine, and says when something is', () => {
  addAll();
  const copies = vi.spyOn(TimeRows.prototype, 'filter');
  const before = head.engineGeneration;
  for (let round = 0; round < 3; round++) orphans.collect(0);
  expect([copies.mock.calls.length, head.engineGeneration]).toEqual([0, before]);
  for (let round = 0; round < 3; round++) orphans.collect(3);
  // What was read of the series from the engine before is not all of it any more.
  expect([copies.mock.calls.length, head.engineGeneration]).toEqual([1, before + 1]);
  copies.mockRestore();
});

it('forgets all of a series that nobody knows the labels of, while it is asked for too', async () => {
  addAll();
  let answer = (): void => undefined;
  const asked = new Promise<void>((resolve) => (answer = resolve));
  const adopting = orphans.adopt({ ...directory([LABELS]), byKeys: () => asked.then(() => []) });
  orphans.collect(6);
  answer();
  await adopting;
  expect([orphans.count, head.floor, head.seriesOf('t')]).toEqual([0, BASE + 50_001, 0]);
});

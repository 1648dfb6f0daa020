import { expect, it } from 'vitest';
import { rowsFrame } from './testing/fake-engine.ts';
import { createMemoryFileSystem } from './testing/memory-fs.ts';
import { type Bench, openBench, until } from './testing/setup.ts';
import type { JournalFollower } from './types.ts';

const LIMITS = { rows: 10, bytes: 1_000_000 };

async function positions(follower: JournalFollower): Promise<{ seen: number[]; skipped: boolean }> {
  const seen: number[] = [];
  let skipped = false;
  for (let read = await follower.next(LIMITS); read !== null; read = await follower.next(LIMITS)) {
    skipped ||= read.skipped;
    seen.push(...read.frames.map(({ position }) => position));
    expect(read.frames.length).toBeLessThanOrEqual(LIMITS.rows);
    expect(read.upTo).toBe(seen.at(-1));
  }
  return { seen, skipped };
}

async function append(bench: Bench, from: number, to: number): Promise<void> {
  for (let id = from; id < to; id++) await bench.journal.append([rowsFrame([id])]);
}

async function flush(bench: Bench, upTo: number): Promise<void> {
  bench.flusher.start();
  await until(bench.clock, () => bench.journal.flushedPosition() === upTo);
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

it('reads what the flusher has moved on already, over segments, a restart and new requests', async () => {
  const fs = createMemoryFileSystem();
  const first = await openBench({ fs });
  const follower = first.journal.follow(0);
  await append(first, 0, 300);
  await flush(first, 300);
  expect((await positions(follower)).seen).toEqual(range(1, 300));
  await append(first, 300, 305);
  expect((await positions(follower)).seen).toEqual(range(301, 305));
  expect(await follower.next(LIMITS)).toBeNull();
  follower.release(150);
  await flush(first, 305);

  const second = await openBench({ fs: fs.cutPower(() => 0.99) });
  const again = second.journal.follow(150);
  expect((await again.next(LIMITS, 157))?.frames.map(({ position }) => position)).toEqual(range(151, 157));
  again.rewind();
  expect((await positions(again)).seen).toEqual(range(151, 305));
});

it('keeps segments only until they are let go of', async () => {
  const fs = createMemoryFileSystem();
  const bench = await openBench({ fs });
  const segments = async (): Promise<number> =>
    (await fs.list('/data/journal')).filter((name) => name.endsWith('.seg')).length;
  const follower = bench.journal.follow(0);
  await append(bench, 0, 300);
  await flush(bench, 300);
  const kept = await segments();
  expect(kept).toBeGreaterThan(2);
  follower.release(300);
  await append(bench, 300, 301);
  await flush(bench, 301);
  expect(await segments()).toBeLessThan(kept);
});

it('lets the oldest go when too much is kept, and says so', async () => {
  const bench = await openBench({ fs: createMemoryFileSystem(), config: { retainBytes: 8192 } });
  const follower = bench.journal.follow(0);
  await append(bench, 0, 5);
  expect((await follower.next({ rows: 2, bytes: 1_000_000 }))?.upTo).toBe(2);
  await append(bench, 5, 500);
  await flush(bench, 500);
  await append(bench, 500, 510);
  await flush(bench, 510);
  const { seen, skipped } = await positions(follower);
  expect(skipped).toBe(true);
  expect(seen.at(-1)).toBe(510);
  expect(seen.length).toBeLessThan(400);
  expect(seen).toEqual(range(seen[0] ?? 0, 510));
});

import { describe, expect, it } from 'vitest';
import { engineErrors } from '../engine/index.ts';
import { groupBlocks } from './blocks.ts';
import { createFakeEngine, idsOf, POISON, rowsFrame } from './testing/fake-engine.ts';
import { createMemoryFileSystem } from './testing/memory-fs.ts';
import { openBench, settle, until } from './testing/setup.ts';
import type { CutFrame, Frame } from './types.ts';

const never = new AbortController().signal;
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i);

describe('when rows go', () => {
  it('after the interval, counted from the first that waits, and no timer while nothing waits', async () => {
    const bench = await openBench({ fs: createMemoryFileSystem() });
    bench.flusher.start();
    await bench.clock.advance(60_000);
    await bench.journal.append([rowsFrame([1])]);
    await bench.clock.advance(3000);
    await bench.journal.append([rowsFrame([2])]);
    await bench.clock.advance(1900);
    await settle();
    expect(bench.engine.inserts).toHaveLength(0);
    await bench.clock.advance(200);
    await settle();
    expect(bench.engine.inserts.map((block) => block.rows)).toEqual([2]);
  });

  it('at once when a block is full', async () => {
    const bench = await openBench({ fs: createMemoryFileSystem(), config: { blockRows: 100 } });
    bench.flusher.start();
    await bench.journal.append([rowsFrame(range(0, 60))]);
    await settle();
    expect(bench.engine.inserts).toHaveLength(0);
    await bench.journal.append([rowsFrame(range(60, 60))]);
    await settle();
    expect(bench.engine.inserts.map((block) => block.rows)).toEqual([60]);
  });

  it('full blocks alone when one is full: the rest waits for the interval, or for more', async () => {
    const bench = await openBench({ fs: createMemoryFileSystem(), config: { blockRows: 100 } });
    bench.flusher.start();
    const append = async (from: number) => await bench.journal.append([rowsFrame(range(from, 30))]);
    for (let from = 0; from < 120; from += 30) await append(from);
    await settle();
    expect(bench.engine.inserts.map((block) => block.rows)).toEqual([90]);
    for (let from = 120; from < 210; from += 30) await append(from);
    await settle();
    expect(bench.engine.inserts.map((block) => block.rows)).toEqual([90, 90]);
    await until(bench.clock, () => bench.journal.pressure().bytes === 0, 200);
    expect(bench.engine.inserts.map((block) => block.rows)).toEqual([90, 90, 30]);
    expect([...bench.engine.stored.values()]).toEqual(Array(210).fill(1));
  });

  it('at once when the bytes of a block wait', async () => {
    const bench = await openBench({ fs: createMemoryFileSystem(), config: { blockBytes: 2048 } });
    bench.flusher.start();
    await bench.journal.append([rowsFrame(range(0, 20))]);
    await settle();
    expect(bench.engine.inserts).toHaveLength(0);
    await bench.journal.append([rowsFrame(range(20, 200))]);
    await bench.journal.append([rowsFrame(range(220, 100))]);
    await settle();
    expect(bench.journal.pressure().bytes).toBe(0);
  });

  it('in inserts of bounded bytes, so that long rows fit the engine too', async () => {
    const frames = [0, 1, 2, 3, 4].map((part) => rowsFrame(range(part * 200, 200)));
    const insertBytes = (frames[1]?.payload.length ?? 0) * 2;
    const bench = await openBench({ fs: createMemoryFileSystem(), config: { insertBytes } });
    bench.flusher.start();
    for (const frame of frames) await bench.journal.append([frame]);
    await bench.flusher.flush();
    expect(bench.engine.inserts.map((block) => block.rows)).toEqual([400, 400, 200]);
  });

  it('one table, day and schema version to a block, within its limits', () => {
    const frames: CutFrame[] = [
      rowsFrame(range(0, 3)),
      rowsFrame(range(3, 3), { day: 20_001 }),
      rowsFrame(range(6, 3), { tenant: 'b' }),
      rowsFrame(range(9, 3), { schemaVersion: 2 }),
      rowsFrame(range(12, 3), { table: 'other' }),
      rowsFrame(range(15, 3)),
      rowsFrame(range(18, 20)),
    ].map((frame: Frame, index) => ({ ...frame, position: 1, index }));
    const blocks = groupBlocks(frames, { rows: 8, bytes: 1_000_000 });
    expect(blocks.map((b) => [b.table, b.day, b.schemaVersion, b.frames.map((f) => f.index)])).toEqual([
      ['rows', 20_000, 1, [0, 2]],
      ['rows', 20_001, 1, [1]],
      ['rows', 20_000, 2, [3]],
      ['other', 20_000, 1, [4]],
      ['rows', 20_000, 1, [5]],
      ['rows', 20_000, 1, [6]],
    ]);
    expect(groupBlocks(frames, { rows: 100, bytes: 50 })).toHaveLength(6);
  });
});

describe('when the engine fails', () => {
  it('repeats reconciled, with growing pauses, until it passes', async () => {
    const bench = await openBench({ fs: createMemoryFileSystem() });
    let failures = 4;
    const at: number[] = [];
    bench.engine.before = () => {
      at.push(bench.clock.monotonic());
      if (failures-- > 0) throw engineErrors.make('retryable', 'not now');
    };
    await bench.journal.append([rowsFrame([1])]);
    const round = bench.flusher.flush();
    await until(bench.clock, () => bench.journal.flushedPosition() === 1, 50);
    await round;
    expect(bench.engine.inserts.map((block) => block.reconcile)).toEqual([
      false,
      ...Array<boolean>(4).fill(true),
    ]);
    const pauses = at.slice(1).map((time, index) => time - at[index]!);
    expect(pauses.every((pause, index) => pause > 170 * 2 ** index && pause < 330 * 2 ** index)).toBe(true);
    expect(await bench.metrics()).toContain('pharos_journal_flush_errors_total{reason="engine.retryable"} 4');
  });

  it('stores an insert once that succeeded and reported an error', async () => {
    const bench = await openBench({ fs: createMemoryFileSystem() });
    const insert = bench.engine.insert.bind(bench.engine);
    let lie = true;
    bench.engine.insert = async (block, options) => {
      await insert(block, options);
      if (lie) {
        lie = false;
        throw engineErrors.make('gone', 'the engine ended');
      }
    };
    await bench.journal.append([rowsFrame(range(0, 10))]);
    const round = bench.flusher.flush();
    await until(bench.clock, () => bench.journal.flushedPosition() === 1);
    await round;
    expect([...bench.engine.stored.values()]).toEqual(Array(10).fill(1));
  });

  it('sends smaller blocks when it runs out of resources', async () => {
    const bench = await openBench({ fs: createMemoryFileSystem() });
    bench.engine.before = (block) => {
      if (block.rows > 3) throw engineErrors.make('resource', 'memory limit');
    };
    for (const id of range(0, 10)) await bench.journal.append([rowsFrame([id])]);
    const round = bench.flusher.flush();
    await until(bench.clock, () => bench.journal.flushedPosition() === 10);
    await round;
    expect([...bench.engine.stored.values()]).toEqual(Array(10).fill(1));
    expect(bench.quarantine.count()).toBe(0);
  });

  it('gives a bad statement its attempts, then only the first frame of a kind costs time', async () => {
    const bench = await openBench({ fs: createMemoryFileSystem(), config: { attempts: 4 } });
    bench.engine.before = (block) => {
      if (block.payload.flatMap(idsOf).some((id) => id >= 100))
        throw engineErrors.make('badQuery', 'no such column');
    };
    for (const id of [1, 100, 101, 102, 2]) await bench.journal.append([rowsFrame([id])]);
    const round = bench.flusher.flush();
    await until(bench.clock, () => bench.journal.flushedPosition() === 5);
    await round;
    expect([...bench.engine.stored.keys()]).toEqual([1, 2]);
    const alone = bench.engine.inserts
      .filter((block) => block.rows === 1)
      .map((block) => idsOf(block.payload[0]!)[0]);
    expect(alone.filter((id) => id === 100)).toHaveLength(4);
    expect(alone.filter((id) => id === 102)).toHaveLength(1);
    expect(bench.quarantine.count()).toBe(3);
  });

  it('puts a frame aside in the end that stored rows which do not read stand in the way of, and goes on', async () => {
    const bench = await openBench({ fs: createMemoryFileSystem() });
    bench.engine.before = (block) => {
      if (block.payload.flatMap(idsOf).includes(7)) throw engineErrors.make('corrupt', 'checksum mismatch');
    };
    for (const id of [6, 7, 8]) await bench.journal.append([rowsFrame([id])]);
    const round = bench.flusher.flush();
    await until(bench.clock, () => bench.journal.flushedPosition() === 3, 500);
    await round;
    expect([...bench.engine.stored.keys()]).toEqual([6, 8]);
    expect(bench.quarantine.count()).toBe(1);
  });

  it('puts a frame aside in the end when the failure is a bug', async () => {
    const bench = await openBench({ fs: createMemoryFileSystem() });
    bench.engine.before = (block) => {
      if (block.payload.flatMap(idsOf).includes(7)) throw new TypeError('a bug');
    };
    for (const id of [6, 7, 8]) await bench.journal.append([rowsFrame([id])]);
    const round = bench.flusher.flush();
    await until(bench.clock, () => bench.journal.flushedPosition() === 3, 5000);
    await round;
    expect([...bench.engine.stored.keys()]).toEqual([6, 8]);
    expect(bench.quarantine.count()).toBe(1);
  });

  it('other tables go first when one is refused', async () => {
    const bench = await openBench({ fs: createMemoryFileSystem() });
    const order: number[] = [];
    bench.engine.before = (block) => order.push(...block.payload.flatMap(idsOf));
    await bench.journal.append([rowsFrame([POISON]), rowsFrame([5], { day: 20_001 })]);
    await bench.flusher.flush();
    expect(order.indexOf(5)).toBe(1);
    expect([...bench.engine.stored.keys()]).toEqual([5]);
  });
});

describe('when the disk fails', () => {
  it('waits with a poison frame until it can be put aside, and doubles nothing', async () => {
    const inner = createMemoryFileSystem();
    let full = true;
    const fs = {
      ...inner,
      open: (path: string, mode: 'create' | 'read' | 'update') =>
        full && path.startsWith('/data/quarantine')
          ? Promise.reject(new Error('no space'))
          : inner.open(path, mode),
    };
    const bench = await openBench({ fs });
    bench.flusher.start();
    await bench.journal.append([rowsFrame([1]), rowsFrame([POISON])]);
    await bench.clock.advance(30_000);
    await settle();
    expect(bench.journal.flushedPosition()).toBe(0);
    full = false;
    await until(bench.clock, () => bench.journal.flushedPosition() === 1);
    expect([...bench.engine.stored]).toEqual([[1, 1]]);
    expect(bench.quarantine.count()).toBe(1);
  });

  it('goes on without the record of the position', async () => {
    const inner = createMemoryFileSystem();
    const fs = { ...inner, rename: () => Promise.reject(new Error('no space')) };
    // The identity needs a rename once.
    await openBench({ fs: inner });
    const bench = await openBench({ fs });
    for (const id of range(0, 200)) await bench.journal.append([rowsFrame([id])]);
    await bench.flusher.flush();
    expect(bench.journal.pressure().bytes).toBe(0);
    expect((await inner.list('/data/journal')).filter((name) => name.endsWith('.seg'))).toHaveLength(1);
    const again = await openBench({ fs: inner.killProcess(), engine: bench.engine });
    await again.flusher.flush();
    expect([...bench.engine.stored.values()]).toEqual(Array(200).fill(1));
  });

  it('moves a segment aside that cannot be read, and stores the rest', async () => {
    const inner = createMemoryFileSystem();
    const first = await openBench({ fs: inner });
    for (const id of range(0, 200)) await first.journal.append([rowsFrame([id])]);
    const [bad] = (await inner.list('/data/journal')).filter((name) => name.endsWith('.seg'));
    let broken = false;
    const fs = {
      ...inner,
      open: (path: string, mode: 'create' | 'read' | 'update') =>
        broken && path.endsWith(bad!) ? Promise.reject(new Error('EIO')) : inner.open(path, mode),
    };
    const bench = await openBench({ fs });
    broken = true;
    bench.flusher.start();
    await until(bench.clock, () => bench.journal.pressure().bytes === 0);
    expect(await inner.list('/data/quarantine')).toContain(`${bad}.bin`);
    expect(bench.engine.stored.size).toBeGreaterThan(100);
    expect(bench.engine.stored.get(199)).toBe(1);
  });
});

describe('when it stops', () => {
  it('gives up at the deadline and leaves the rows in the journal', async () => {
    const bench = await openBench({ fs: createMemoryFileSystem() });
    bench.engine.before = () => {
      throw engineErrors.make('retryable', 'not now');
    };
    bench.flusher.start();
    await bench.journal.append([rowsFrame([1])]);
    const deadline = new AbortController();
    const drained = bench.flusher.drain(deadline.signal);
    await bench.clock.advance(10_000);
    deadline.abort();
    expect(await drained).toBe(false);
    expect(bench.journal.pressure().rows).toBe(1);
  });

  it('does not wait for an engine that is down', async () => {
    const engine = createFakeEngine();
    engine.set('down');
    const bench = await openBench({ fs: createMemoryFileSystem(), engine });
    bench.flusher.start();
    await bench.journal.append([rowsFrame([1])]);
    expect(await bench.flusher.drain(never)).toBe(false);
  });
});

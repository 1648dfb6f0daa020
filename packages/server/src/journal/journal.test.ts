import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type FileSystem, nodeFileSystem } from './fs.ts';
import { createFakeEngine, POISON, rowsFrame } from './testing/fake-engine.ts';
import { createMemoryFileSystem } from './testing/memory-fs.ts';
import { openBench, settle, until } from './testing/setup.ts';

it('acknowledges durable requests, flushes them once, and forgets their segments', async () => {
  const fs = createMemoryFileSystem();
  const bench = await openBench({ fs });
  bench.flusher.start();
  const positions = await Promise.all([1, 2, 3].map((id) => bench.journal.append([rowsFrame([id])])));
  expect(positions).toEqual([1, 2, 3]);
  expect(bench.journal.pressure().rows).toBe(3);
  const heard: number[] = [];
  bench.journal.onFlushed((position) => heard.push(position));
  await until(bench.clock, () => bench.journal.flushedPosition() === 3);
  expect(heard).toEqual([3]);
  expect([...bench.engine.stored]).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
  ]);
  expect(bench.engine.inserts).toHaveLength(1);
  expect(bench.journal.pressure()).toMatchObject({ bytes: 0, rows: 0, oldestAgeMs: 0 });
});

it('writes requests that wait together with one write and one fsync', async () => {
  const fs = createMemoryFileSystem();
  const { journal, metrics } = await openBench({ fs });
  await Promise.all(Array.from({ length: 100 }, (_, id) => journal.append([rowsFrame([id])])));
  expect(await metrics()).toMatch(/^pharos_journal_commits_total 1$/m);
});

it('replays what was acknowledged and not flushed, in order, and reconciles it', async () => {
  const fs = createMemoryFileSystem();
  const first = await openBench({ fs, config: { segmentBytes: 4096 } });
  for (let id = 0; id < 300; id++)
    await first.journal.append([rowsFrame([id]), rowsFrame([id + 1000], { day: 20_001 })]);
  const second = await openBench({ fs: fs.cutPower(() => 0.99) });
  expect(second.journal.recovery).toMatchObject({ requests: 300, frames: 600, rows: 600, quarantined: 0 });
  const seen: number[] = [];
  await second.journal.replay((_, position) => seen.push(position));
  expect(seen.filter((_, index) => index % 2 === 0)).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
  second.flusher.start();
  await until(second.clock, () => second.journal.pressure().bytes === 0);
  expect(second.engine.stored.size).toBe(600);
  expect(second.engine.inserts.every((insert) => insert.reconcile)).toBe(true);
  expect(await second.journal.append([rowsFrame([7])])).toBeGreaterThan(300);
});

it('flushes in order what is written while it reads, also across segments', async () => {
  const fs = createMemoryFileSystem();
  let reading = (): void => {};
  const begun = new Promise<void>((resolve) => {
    reading = resolve;
  });
  let goOn = (): void => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const slow: FileSystem = {
    ...fs,
    async open(path, mode) {
      const file = await fs.open(path, mode);
      if (mode !== 'read') return file;
      const size = async (): Promise<number> => {
        reading();
        await held;
        return file.size();
      };
      return { ...file, size };
    },
  };
  const bench = await openBench({ fs: slow });
  await bench.journal.append([rowsFrame([1])]);
  const round = bench.flusher.flush();
  await begun;
  // Fills the segment that is being read, so that the next request is in another one.
  await bench.journal.append([rowsFrame(Array.from({ length: 600 }, (_, i) => 100 + i))]);
  await bench.journal.append([rowsFrame([2])]);
  goOn();
  await round;
  await bench.flusher.flush();
  expect(bench.engine.stored.size).toBe(602);
  expect([...bench.engine.stored.values()].every((times) => times === 1)).toBe(true);
  expect(bench.quarantine.count()).toBe(0);
  expect(bench.journal.pressure()).toMatchObject({ bytes: 0, rows: 0 });
});

it('keeps acknowledging while the engine is down, and catches up', async () => {
  const fs = createMemoryFileSystem();
  const engine = createFakeEngine();
  engine.set('down');
  const bench = await openBench({ fs, engine });
  bench.flusher.start();
  for (let id = 0; id < 20; id++) {
    await bench.journal.append([rowsFrame([id])]);
    await bench.clock.advance(1000);
  }
  expect(bench.engine.stored.size).toBe(0);
  expect(bench.journal.pressure().oldestAgeMs).toBeGreaterThanOrEqual(19_000);
  engine.set('ready');
  await until(bench.clock, () => bench.journal.pressure().bytes === 0);
  expect([...bench.engine.stored.values()]).toEqual(Array(20).fill(1));
});

it('puts the poison frame aside and stores its neighbours', async () => {
  const fs = createMemoryFileSystem();
  const bench = await openBench({ fs });
  for (let id = 0; id < 9; id++) await bench.journal.append([rowsFrame([id === 4 ? POISON : id])]);
  await bench.journal.append([rowsFrame([50], { table: 'nobody' })]);
  const round = bench.flusher.flush();
  await until(bench.clock, () => bench.journal.flushedPosition() === 10);
  await round;
  expect([...bench.engine.stored.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 5, 6, 7, 8]);
  const names = await fs.list('/data/quarantine');
  expect(names).toEqual([
    'frame-10-0-nobody.bin',
    'frame-10-0-nobody.json',
    'frame-5-0-rows.bin',
    'frame-5-0-rows.json',
  ]);
  const sidecar: unknown = JSON.parse(
    fs.files.get('/data/quarantine/frame-5-0-rows.json')!.content.toString(),
  );
  expect(sidecar).toMatchObject({
    reason: 'refused',
    table: 'rows',
    tenant: 'default',
    rows: 1,
    code: 'engine.refused',
  });
  expect(await bench.metrics()).toContain('pharos_journal_quarantined_total{reason="refused"} 1');
});

it('refuses when too much waits, and takes requests again after a flush', async () => {
  const fs = createMemoryFileSystem();
  const bench = await openBench({ fs, config: { limitBytes: 4096 } });
  const frame = rowsFrame(Array.from({ length: 200 }, (_, i) => i));
  await bench.journal.append([frame]);
  await bench.journal.append([rowsFrame(Array.from({ length: 200 }, (_, i) => i + 200))]);
  await expect(bench.journal.append([frame])).rejects.toMatchObject({
    code: 'journal.full',
    status: 503,
    retryAfterSeconds: 5,
    details: { reason: 'bytes' },
  });
  expect(await bench.metrics()).toContain('pharos_journal_refused_total{reason="bytes"} 1');
  await bench.flusher.flush();
  await bench.journal.append([rowsFrame([900])]);
});

it('refuses while the disk is full, lives, and goes on when there is space again', async () => {
  const fs = createMemoryFileSystem();
  const bench = await openBench({ fs });
  await bench.journal.append([rowsFrame([1])]);
  fs.capacity = 200;
  for (const id of [2, 3, 4]) {
    await expect(bench.journal.append([rowsFrame([id])])).rejects.toMatchObject({
      code: 'journal.full',
      details: { reason: 'disk' },
    });
  }
  expect(bench.journal.pressure().closed).toMatch(/disk/);
  fs.capacity = 1_000_000;
  await bench.clock.advance(5000);
  await bench.journal.append([rowsFrame([5])]);
  expect(bench.journal.pressure().closed).toBeNull();
  await bench.flusher.flush();
  expect([...bench.engine.stored]).toEqual([
    [1, 1],
    [5, 1],
  ]);
});

it('refuses below the floor of free space', async () => {
  const fs = createMemoryFileSystem();
  fs.capacity = 10_000;
  const bench = await openBench({ fs, config: { freeDiskBytes: 20_000 } });
  await expect(bench.journal.append([rowsFrame([1])])).rejects.toMatchObject({ code: 'journal.full' });
  fs.capacity = 100_000;
  await bench.clock.advance(1000);
  await bench.journal.append([rowsFrame([1])]);
});

it('names what is wrong with a frame', async () => {
  const { journal } = await openBench({ fs: createMemoryFileSystem(), config: { blockRows: 10 } });
  await expect(journal.append([rowsFrame([1], { day: -1 })])).rejects.toMatchObject({
    code: 'journal.invalid',
    message: 'frame of table "rows": day is -1, expected 0 (1970-01-01) to 49709 (2106-02-06)',
  });
  await expect(journal.append([rowsFrame(Array(11).fill(1))])).rejects.toMatchObject({
    code: 'journal.tooLarge',
  });
  await journal.close();
  await expect(journal.append([rowsFrame([1])])).rejects.toMatchObject({ code: 'journal.stopped' });
});

it('drains on stop, and leaves what it cannot flush to the next start', async () => {
  const fs = createMemoryFileSystem();
  const bench = await openBench({ fs });
  bench.flusher.start();
  await bench.journal.append([rowsFrame([1])]);
  const never = new AbortController().signal;
  expect(await bench.flusher.drain(never)).toBe(true);
  await bench.journal.close();

  const engine = createFakeEngine(bench.engine.stored);
  engine.set('down');
  const second = await openBench({ fs: fs.killProcess(), engine });
  second.flusher.start();
  await second.journal.append([rowsFrame([2])]);
  await settle();
  expect(await second.flusher.drain(never)).toBe(false);
  await second.journal.close();
  const third = await openBench({ fs: fs.killProcess(), engine: createFakeEngine(bench.engine.stored) });
  await third.flusher.flush();
  expect([...third.engine.stored]).toEqual([
    [1, 1],
    [2, 1],
  ]);
});

it('reads large cuts into the memory of the ones before, each as it was written', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'pharos-journal-'));
  try {
    const inside = (path: string): string => join(directory, path);
    const fs: FileSystem = {
      ...nodeFileSystem,
      open: (path, mode) => nodeFileSystem.open(inside(path), mode),
      rename: (from, to) => nodeFileSystem.rename(inside(from), inside(to)),
      link: (from, to) => nodeFileSystem.link(inside(from), inside(to)),
      unlink: (path) => nodeFileSystem.unlink(inside(path)),
      makeDirectory: (path) => nodeFileSystem.makeDirectory(inside(path)),
      list: (path) => nodeFileSystem.list(inside(path)),
      syncDirectory: (path) => nodeFileSystem.syncDirectory(inside(path)),
      freeBytes: (path) => nodeFileSystem.freeBytes(inside(path)),
    };
    const { journal } = await openBench({ fs, config: { segmentBytes: 2 ** 22 } });
    let fill = 0;
    for (const requests of [12, 12, 3, 9]) {
      const written = Array.from({ length: requests }, () => new Uint8Array(500_000 + fill).fill(++fill));
      for (const payload of written) await journal.append([{ ...rowsFrame([1]), payload }]);
      // Once as if the round had failed: the bytes of a cut are good until the next is read.
      for (let attempt = 0; attempt < 2; attempt++) {
        const cut = await journal.readCut({ rows: 1000, bytes: 2 ** 24 });
        expect(cut?.frames).toHaveLength(requests);
        const same = cut?.frames.map(
          ({ payload }, i) => Buffer.compare(payload, written[i] ?? payload) === 0,
        );
        expect(same).not.toContain(false);
        if (attempt === 1 && cut !== null) await journal.markFlushed(cut);
      }
    }
    await journal.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});

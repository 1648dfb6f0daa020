import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import { expect, test } from 'vitest';
import { systemClock, type Timer } from '../kernel/clock.ts';
import { createTelemetry } from '../kernel/telemetry.ts';
import { coreOptions } from './create.ts';
import { EngineCore } from './embedded/core.ts';
import { type DriverSession, loadDriver } from './embedded/driver.ts';
import { engineErrors } from './errors.ts';
import { decodeNative } from './native.ts';
import { sql } from './sql.ts';
import { openEngineHere, testOptions } from './testing/open.ts';

/** Each test holds one behaviour of the engine that the design relies on or guards against; when one fails after an upgrade, read it again. */

const OPTIONS = { purpose: 'test.rules', tenant: 'default' } as const;

async function withDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'pharos-engine-'));
  try {
    await run(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function withSession(
  args: readonly string[],
  run: (session: DriverSession) => Promise<void>,
): Promise<void> {
  await withDirectory(async (directory) => {
    const driver = await loadDriver(directory);
    const session = driver.open(args);
    try {
      await run(session);
    } finally {
      session.close();
      await driver.drained();
    }
  });
}

test('the bare engine leaks what a failed statement wrote into the next answer of its session', async () => {
  await withSession(['--max_threads=2'], async (session) => {
    const failing = session.run('SELECT number, throwIf(number = 900000) FROM numbers(1000000)');
    await expect(failing).rejects.toThrow();
    const next = await session.run("SELECT 'next' AS answer");
    expect(next.length).toBeGreaterThan(100_000);
    const third = decodeNative(await session.run("SELECT 'third' AS answer"));
    expect(third.strings('answer')).toEqual(['third']);
  });
});

test('the door throws such sessions away and counts them', async () => {
  const telemetry = createTelemetry();
  await using open = await openEngineHere([], { telemetry, limits: { interactive: { sessions: 1 } } });
  for (let i = 0; i < 3; i++) {
    const failing = open.engine.query(
      sql`SELECT number, throwIf(number = 900000) FROM numbers(1000000)`,
      OPTIONS,
    );
    await expect(failing).rejects.toSatisfy((error) => engineErrors.is(error, 'badQuery'));
    const next = await open.engine.query(sql`SELECT 'next' AS answer`, OPTIONS);
    expect(next.strings('answer')).toEqual(['next']);
  }
  const text = await telemetry.expose();
  expect(text).toContain('pharos_engine_sessions_discarded_total 3');
  expect(text).toContain('pharos_engine_queries_total{purpose="test.rules",result="badQuery"} 3');
  expect(text).toContain('pharos_engine_queries_total{purpose="test.rules",result="ok"} 3');
});

test('a setting of one statement does not stick to its session for the next', async () => {
  await using open = await openEngineHere([], { limits: { write: { sessions: 1 } } });
  const limited = open.engine.execute(
    sql`SELECT number FROM numbers(100) SETTINGS max_result_rows = 1`,
    OPTIONS,
  );
  await expect(limited).rejects.toSatisfy((error) => engineErrors.is(error, 'resource'));
  await open.engine.execute(sql`SELECT number FROM numbers(100)`, OPTIONS);
});

test('the library refuses to load in a worker thread', async () => {
  await withDirectory(async (directory) => {
    const outfile = join(directory, 'driver.mjs');
    const entry = fileURLToPath(new URL('./embedded/driver.ts', import.meta.url));
    buildSync({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['chdb'],
    });
    const code = `const { parentPort } = require('node:worker_threads');
      import(${JSON.stringify(pathToFileURL(outfile).href)})
        .then(({ loadDriver }) => loadDriver('/nowhere'))
        .then(() => 'loaded', (error) => error.message)
        .then((message) => parentPort.postMessage(message));`;
    const worker = new Worker(code, { eval: true });
    const [message]: unknown[] = await once(worker, 'message');
    expect(message).toContain('must not be loaded in a worker thread');
    await worker.terminate();
  });
});

test('a reader is held to its time, its memory and the size of its answer', async () => {
  await using open = await openEngineHere([], {
    limits: { interactive: { executionSeconds: 1, resultBytes: 100_000, memoryBytes: 20_000_000 } },
  });
  const codeOf = async (statement: ReturnType<typeof sql>): Promise<unknown> => {
    const error: unknown = await open.engine.query(statement, OPTIONS).catch((reason: unknown) => reason);
    return engineErrors.is(error, 'resource') ? error.details?.code : error;
  };
  expect(await codeOf(sql`SELECT sum(cityHash64(number)) FROM numbers(1000000000000)`)).toBe(159);
  expect(await codeOf(sql`SELECT number FROM numbers(1000000)`)).toBe(396);
  expect(await codeOf(sql`SELECT length(groupArray(number)) FROM numbers(20000000)`)).toBe(241);
  expect((await open.engine.query(sql`SELECT 1 AS x`, OPTIONS)).rows).toBe(1);
});

test('a full engine says so in other words than a statement that takes too much', async () => {
  const limits = { interactive: { executionSeconds: 60, resultBytes: 100_000, memoryBytes: 20_000_000_000 } };
  await using open = await openEngineHere([], { memoryBytes: 300_000_000, limits });
  const statement = sql`SELECT length(groupArray(number)) FROM numbers(200000000)`;
  const error: unknown = await open.engine.query(statement, OPTIONS).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ details: { code: 241, isBusy: true } });
});

test('a question has two threads, however little memory the engine may take', async () => {
  await using open = await openEngineHere([]);
  const plan = sql`EXPLAIN PIPELINE SELECT sum(number) FROM numbers_mt(10000000)`;
  const linesOf = async (limits: 'interactive' | 'lookup' | 'background'): Promise<string> =>
    (await open.engine.query(plan, { ...OPTIONS, limits })).strings('explain').join('\n');
  // Unlike the bare engine, which takes one where less than two gigabytes are left.
  expect(await linesOf('interactive')).toContain('NumbersRange × 2');
  expect(await linesOf('lookup')).toContain('NumbersRange × 2');
  expect(await linesOf('background')).not.toContain('×');
});

test('a statement over 1 MB is refused before it is sent', async () => {
  await using open = await openEngineHere([]);
  const long = open.engine.query(sql`SELECT ${'x'.repeat(1_000_000)}`, OPTIONS);
  await expect(long).rejects.toSatisfy((error) => engineErrors.is(error, 'badQuery'));
  const fits = await open.engine.query(sql`SELECT length(${'x'.repeat(900_000)}) AS n`, OPTIONS);
  expect(fits.numbers('n')[0]).toBe(900_000);
});

test('a full queue refuses, and frees itself', async () => {
  await using open = await openEngineHere([], { limits: { interactive: { sessions: 1, waiting: 1 } } });
  const slow = sql`SELECT sleep(0.3)`;
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => open.engine.query(slow, OPTIONS)));
  expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect((await open.engine.query(sql`SELECT 1 AS x`, OPTIONS)).rows).toBe(1);
});

test('waiting statements do not hold the threads that files need', async () => {
  await using open = await openEngineHere([], { limits: { interactive: { sessions: 2 } } });
  const slow = Promise.all(
    Array.from({ length: 8 }, () => open.engine.query(sql`SELECT sleep(0.2)`, OPTIONS)),
  );
  let answered = false;
  void slow.then(() => {
    answered = true;
  });
  const { readFile } = await import('node:fs/promises');
  await readFile(import.meta.filename);
  expect(answered).toBe(false);
  await slow;
});

test('a statement that does not end in time is killed, and one that survives the kill counts as hung', async () => {
  await withDirectory(async (directory) => {
    const options = coreOptions(
      testOptions(directory, [], { limits: { background: { executionSeconds: 0 } } }),
    );
    let hung = 0;
    // Statements' deadlines, which pass when told to.
    const deadlines = new Set<() => void>();
    const after = (_ms: number, run: () => void): Timer => {
      deadlines.add(run);
      return { cancel: () => void deadlines.delete(run) };
    };
    const pass = async (): Promise<void> => {
      await expect.poll(() => deadlines.size, { interval: 1 }).toBe(1);
      const [run] = deadlines;
      if (run === undefined) throw new Error('no deadline');
      deadlines.delete(run);
      run();
    };
    const core = await EngineCore.open(
      options,
      { ...systemClock, after },
      { discarded() {}, hung: () => hung++ },
    );
    const endless = core.run({
      id: 1,
      text: 'SELECT sum(cityHash64(number)) FROM numbers(1000000000000)',
      limits: 'background',
    });
    const ended = expect(endless).rejects.toSatisfy((error) => engineErrors.is(error, 'canceled'));
    await pass();
    await ended;
    expect(hung).toBe(0);
    const deaf = core.run({ id: 2, text: 'SELECT sleep(1)', limits: 'background' });
    const deafEnded = deaf.catch(() => {});
    await pass();
    await pass();
    expect(hung).toBe(1);
    await deafEnded;
    await core.close();
  });
});

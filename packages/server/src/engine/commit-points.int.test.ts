import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSupervised } from './create.ts';
import type { SupervisedHost } from './embedded/supervisor.ts';
import { sql, table, tenant } from './sql.ts';
import { testOptions } from './testing/open.ts';
import { samplesBlock, samplesTable, series } from './testing/samples.ts';
import type { ManagedEngine } from './types.ts';

/*
 * Kills the engine, or fails it, at the system calls by which it commits a part:
 *
 *   mkdir tmp_insert_… ─> fdatasync of each file ─> fdatasync of the directory ─> rename to its name ─> fdatasync of the parent
 *
 * Whatever happened, reconciling must leave every row exactly once. strace injects; where it is missing or may not attach
 * (no root, a container without ptrace) the file is skipped.
 */

const OPTIONS = { purpose: 'test.commit', tenant: 'default' } as const;
const ROWS = 200;

function attachWorks(): boolean {
  if (process.platform !== 'linux') return false;
  const sleeper = spawn('sleep', ['5'], { stdio: 'ignore' });
  const traced = spawnSync('timeout', ['1', 'strace', '-p', String(sleeper.pid)], { encoding: 'utf8' });
  sleeper.kill();
  return traced.error === undefined && traced.stderr.includes('attached');
}

const canAttach = attachWorks();

let directory = '';
let engine: ManagedEngine;
let host: SupervisedHost;
let blocks = 0;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'pharos-engine-'));
  ({ engine, host } = createSupervised(testOptions(directory, [samplesTable])));
  await engine.start();
});
afterAll(async () => {
  await engine.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function count(): Promise<number | undefined> {
  const statement = sql`SELECT count() AS n, uniqExact(id, ts) AS distinct FROM ${table(samplesTable)} WHERE tenant = ${tenant}`;
  const block = await engine.query(statement, OPTIONS);
  expect(block.numbers('distinct')[0]).toBe(block.numbers('n')[0]);
  return block.numbers('n')[0];
}

async function attach(inject: string): Promise<ChildProcess> {
  const strace = spawn(
    'strace',
    ['-f', '-qq', '-o', '/dev/null', '-e', `inject=${inject}`, '-p', String(host.enginePid())],
    {
      stdio: 'ignore',
    },
  );
  // It takes one thread after the other, and whichever may be the one that inserts.
  const threads = `/proc/${host.enginePid()}/task`;
  const tracers = (): Set<string | undefined> =>
    new Set(readdirSync(threads).map((id) => tracerOf(join(threads, id, 'status'))));
  await expect.poll(tracers, { timeout: 20_000 }).toEqual(new Set([String(strace.pid)]));
  return strace;
}

/** Undefined for a thread that has just ended. */
function tracerOf(status: string): string | undefined {
  const text = existsSync(status) ? readFileSync(status, 'utf8') : '';
  return /^TracerPid:\s+(\d+)$/m.exec(text)?.[1];
}

async function detach(strace: ChildProcess): Promise<void> {
  if (strace.exitCode !== null || strace.signalCode !== null) return;
  const ended = once(strace, 'exit');
  strace.kill('SIGINT');
  await ended;
}

const POINTS = [
  'mkdir:signal=SIGKILL:when=1',
  'fdatasync:signal=SIGKILL:when=1',
  'fdatasync:signal=SIGKILL:when=2',
  'fdatasync:signal=SIGKILL:when=3',
  'rename:signal=SIGKILL:when=1',
  'rename:error=ENOSPC:when=1',
  'fdatasync:error=EIO:when=1',
  'mkdir:error=ENOSPC:when=1',
] as const;

test.skipIf(!canAttach).each(POINTS)('%s: nothing is lost, nothing is doubled', async (inject) => {
  const block = samplesBlock(series(ROWS, { id: blocks++ }));
  const strace = await attach(inject);
  const outcome = await engine.insert(block, OPTIONS).then(
    () => 'stored',
    () => 'failed',
  );
  await detach(strace);
  await expect.poll(() => engine.state(), { timeout: 20_000 }).toBe('ready');
  const stored = await count();
  const before = ROWS * (blocks - 1);
  expect([before, before + ROWS]).toContain(stored);
  // Otherwise the fault was not injected, and the test proved nothing.
  expect(outcome).toBe('failed');
  await engine.insert({ ...block, reconcile: true }, OPTIONS);
  expect(await count()).toBe(before + ROWS);
  expect(await engine.detachedParts()).toBe(0);
});

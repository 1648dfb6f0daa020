import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createTelemetry, type Telemetry } from '../kernel/telemetry.ts';
import { bundled } from '../kernel/testing/bundled.ts';
import { createSupervised } from './create.ts';
import { identify, isAlive, type ProcessIdentity } from './embedded/process-table.ts';
import type { SupervisedHost } from './embedded/supervisor.ts';
import { engineErrors } from './errors.ts';
import { sql, table, tenant } from './sql.ts';
import { openEngineHere, testOptions } from './testing/open.ts';
import { samplesBlock, samplesTable, series } from './testing/samples.ts';
import type { EngineState, ManagedEngine } from './types.ts';

const OPTIONS = { purpose: 'test.crash', tenant: 'default' } as const;
const HEAVY = sql`SELECT sum(cityHash64(number)) FROM numbers(1000000000000)`;

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'pharos-engine-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

interface Supervised {
  readonly engine: ManagedEngine;
  readonly host: SupervisedHost;
  readonly telemetry: Telemetry;
  readonly states: EngineState[];
}

async function openSupervised(directory = newDirectory()): Promise<Supervised> {
  const telemetry = createTelemetry();
  const options = testOptions(directory, [samplesTable], { telemetry });
  const { host, engine } = createSupervised(options);
  const states: EngineState[] = [];
  engine.onState((state) => states.push(state));
  await engine.start();
  cleanups.push(() => engine.stop());
  return { engine, host, telemetry, states };
}

function signalEngine(host: SupervisedHost, signal: NodeJS.Signals): ProcessIdentity {
  const pid = host.enginePid();
  const identity = pid === undefined ? null : identify(pid);
  if (identity === null) throw new Error('the engine has no process');
  process.kill(identity.pid, signal);
  return identity;
}

async function ready(engine: ManagedEngine, states: readonly EngineState[]): Promise<void> {
  await expect.poll(() => states.filter((state) => state === 'ready').length, { timeout: 50_000 }).toBe(2);
  expect(engine.state()).toBe('ready');
}

async function count(engine: ManagedEngine): Promise<number | undefined> {
  const block = await engine.query(
    sql`SELECT count() AS n FROM ${table(samplesTable)} WHERE tenant = ${tenant}`,
    OPTIONS,
  );
  return block.numbers('n')[0];
}

const FOREIGN_OWNER = fileURLToPath(new URL('./testing/foreign-owner.ts', import.meta.url));
const CHILD = fileURLToPath(new URL('./embedded/child.ts', import.meta.url));

/** Another server process over the directory; resolves with its engine once it is up. */
async function foreignOwner(
  directory: string,
  mode = '',
): Promise<{ server: ChildProcess; engine: ProcessIdentity }> {
  const args = [bundled(FOREIGN_OWNER), directory, mode, bundled(CHILD)];
  const server = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  cleanups.push(() => {
    server.kill('SIGKILL');
  });
  const [line]: unknown[] = await once(server.stdout, 'data');
  const engine = identify(Number(String(line)));
  if (engine === null) throw new Error(`no engine: ${String(line)}`);
  cleanups.push(() => {
    if (isAlive(engine)) process.kill(engine.pid, 'SIGKILL');
  });
  return { server, engine };
}

test('kill -9: what is in flight is gone, the rows are there, and it answers again', async () => {
  const { engine, host, states, telemetry } = await openSupervised();
  await engine.insert(samplesBlock(series(100)), OPTIONS);
  const inFlight = [engine.query(HEAVY, OPTIONS), engine.query(HEAVY, { ...OPTIONS, limits: 'background' })];
  const failed = Promise.allSettled(inFlight);
  signalEngine(host, 'SIGKILL');
  for (const outcome of await failed) {
    if (outcome.status === 'fulfilled') throw new Error('it answered');
    expect(engineErrors.is(outcome.reason, 'gone')).toBe(true);
  }
  expect(engine.state()).not.toBe('ready');
  await expect(engine.query(sql`SELECT 1`, OPTIONS)).rejects.toSatisfy((error) =>
    engineErrors.is(error, 'gone'),
  );
  await ready(engine, states);
  expect(states).toEqual(['starting', 'ready', 'down', 'ready']);
  expect(await count(engine)).toBe(100);
  expect(await telemetry.expose()).toContain('pharos_engine_restarts_total 1');
});

test('a hang and a fatal signal, which only makes it sleep, both end in a kill and a restart', async () => {
  const hung = await openSupervised();
  const zombie = await openSupervised();
  const ids = [signalEngine(hung.host, 'SIGSTOP'), signalEngine(zombie.host, 'SIGSEGV')];
  const lost = Promise.allSettled([hung.engine.query(HEAVY, OPTIONS), zombie.engine.query(HEAVY, OPTIONS)]);
  await ready(hung.engine, hung.states);
  await ready(zombie.engine, zombie.states);
  expect(ids.map(isAlive)).toEqual([false, false]);
  expect((await lost).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
  expect(await count(hung.engine)).toBe(0);
});

test('an insert that was killed is made whole by reconciling', async () => {
  const { engine, host, states } = await openSupervised();
  const block = samplesBlock(series(20_000));
  const first = engine.insert(block, OPTIONS);
  const outcome = Promise.allSettled([first]);
  signalEngine(host, 'SIGKILL');
  await outcome;
  await ready(engine, states);
  await engine.insert({ ...block, reconcile: true }, OPTIONS);
  expect(await count(engine)).toBe(20_000);
});

test('stop ends running statements; a hung engine is killed at the deadline', async () => {
  const polite = await openSupervised();
  const running = Promise.allSettled([polite.engine.query(HEAVY, OPTIONS)]);
  await polite.engine.stop();
  expect((await running)[0]?.status).toBe('rejected');
  expect(polite.engine.state()).toBe('stopped');
  const hung = await openSupervised();
  const id = signalEngine(hung.host, 'SIGSTOP');
  await hung.engine.stop(AbortSignal.abort());
  expect(isAlive(id)).toBe(false);
  await hung.engine.stop();
});

test('a start can be canceled or stopped, and tried again', async () => {
  const directory = newDirectory();
  const { engine, host } = createSupervised(testOptions(directory, [samplesTable]));
  const abort = new AbortController();
  const canceled = engine.start(abort.signal);
  await expect.poll(() => host.enginePid(), { interval: 1 }).toBeDefined();
  abort.abort();
  await expect(canceled).rejects.toSatisfy((error) => engineErrors.is(error, 'gone'));
  const stopped = engine.start();
  const refused = expect(stopped).rejects.toSatisfy((error) => engineErrors.is(error, 'gone'));
  await expect.poll(() => host.enginePid(), { interval: 1 }).toBeDefined();
  await engine.stop();
  await refused;
  await engine.start();
  expect(await count(engine)).toBe(0);
  await engine.stop();
  await engine.start();
  expect(await count(engine)).toBe(0);
  await engine.stop();
});

test('an engine whose server is killed ends by itself, in the middle of statements', async () => {
  const directory = newDirectory();
  const { server, engine } = await foreignOwner(directory, 'busy');
  server.kill('SIGKILL');
  await expect.poll(() => isAlive(engine)).toBe(false);
  const next = await openSupervised(directory);
  expect(await count(next.engine)).toBe(0);
});

test('an orphan that cannot end by itself is ended by the next server', async () => {
  const directory = newDirectory();
  const { server, engine } = await foreignOwner(directory);
  process.kill(engine.pid, 'SIGSTOP');
  server.kill('SIGKILL');
  await once(server, 'exit');
  expect(isAlive(engine)).toBe(true);
  const next = await openSupervised(directory);
  expect(isAlive(engine)).toBe(false);
  expect(await count(next.engine)).toBe(0);
});

test.each(['', 'direct'])('a second server on the same directory is told who owns it (%s)', async (mode) => {
  const directory = newDirectory();
  const { server, engine } = await foreignOwner(directory, mode);
  mkdirSync(join(directory, 'ingest'), { recursive: true });
  writeFileSync(join(directory, 'ingest', 'in-flight.bin'), 'of the other server');
  const error: unknown = await openSupervised(directory).catch((reason: unknown) => reason);
  expect(engineErrors.is(error, 'locked') && error.message).toContain(String(server.pid));
  const inProcess: unknown = await openEngineHere([], { directory }).catch((reason: unknown) => reason);
  expect(engineErrors.is(inProcess, 'locked') && inProcess.message).toContain(String(engine.pid));
  expect(isAlive(engine)).toBe(true);
  expect(readdirSync(join(directory, 'ingest'))).toEqual(['in-flight.bin']);
});

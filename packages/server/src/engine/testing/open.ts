import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { systemClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { createEmbeddedEngine, createInProcessEngine, type EngineOptions } from '../create.ts';
import type { TableSpec } from '../tables.ts';
import type { ManagedEngine } from '../types.ts';

export interface TestEngine extends AsyncDisposable {
  readonly engine: ManagedEngine;
  readonly directory: string;
  /** Stops the engine and removes its directory. */
  close(): Promise<void>;
}

/** A started engine over a new temporary directory, in a supervised process, as the server runs it. */
export function openTestEngine(
  tables: readonly TableSpec[],
  overrides: Partial<EngineOptions> = {},
): Promise<TestEngine> {
  return openEngine(createEmbeddedEngine, tables, overrides);
}

/**
 * The same in this process. The library allows one directory per process at a time, and stands still for good in one that opened a dozen
 * one after the other: files that use it are among those of vitest.config.ts that have a process each.
 */
export function openEngineHere(
  tables: readonly TableSpec[],
  overrides: Partial<EngineOptions> = {},
): Promise<TestEngine> {
  return openEngine(createInProcessEngine, tables, overrides);
}

async function openEngine(
  create: (options: EngineOptions) => ManagedEngine,
  tables: readonly TableSpec[],
  overrides: Partial<EngineOptions>,
): Promise<TestEngine> {
  const directory = overrides.directory ?? mkdtempSync(join(tmpdir(), 'pharos-engine-'));
  const engine = create(testOptions(directory, tables, overrides));
  await engine.start();
  const close = async (): Promise<void> => {
    await engine.stop();
    if (overrides.directory === undefined) rmSync(directory, { recursive: true, force: true });
  };
  return { engine, directory, close, [Symbol.asyncDispose]: close };
}

export function testOptions(
  directory: string,
  tables: readonly TableSpec[],
  overrides: Partial<EngineOptions> = {},
): EngineOptions {
  return {
    directory,
    tables,
    clock: systemClock,
    log: silentLog,
    telemetry: createTelemetry(),
    entry: builtEntry(),
    ...overrides,
  };
}

let built: string | null = null;

/** The engine's process in one file, as the server's build makes it: from its sources, through a loader, it takes four times as long to start. */
function builtEntry(): string {
  if (built !== null) return built;
  // Beneath the packages, where it finds the library.
  const cache = fileURLToPath(new URL('../../../../../node_modules/.cache/pharos/', import.meta.url));
  const file = join(cache, 'engine-child-of-tests.mjs');
  const own = `${file}.${process.pid}`;
  buildSync({
    entryPoints: [fileURLToPath(new URL('../embedded/child.ts', import.meta.url))],
    outfile: own,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['chdb'],
    logLevel: 'warning',
  });
  // Other processes of tests make and run the same.
  renameSync(own, file);
  return (built = file);
}

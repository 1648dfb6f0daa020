import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../kernel/clock.ts';
import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { bundled } from '../../kernel/testing/bundled.ts';
import { createEmbeddedEngine, createInProcessEngine, type EngineOptions } from '../create.ts';
import type { TableSpec } from '../tables.ts';
import type { ManagedEngine } from '../types.ts';

/** The engine's process. */
const CHILD = fileURLToPath(new URL('../embedded/child.ts', import.meta.url));

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
    ...overrides,
    entry: overrides.entry ?? bundled(CHILD),
  };
}

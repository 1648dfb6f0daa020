import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

/**
 * A started engine in this process over a new temporary directory. The library allows one directory per process at a
 * time: close it before the next is opened; vitest runs each test file in a process of its own.
 */
export function openTestEngine(
  tables: readonly TableSpec[],
  overrides: Partial<EngineOptions> = {},
): Promise<TestEngine> {
  return openEngine(createInProcessEngine, tables, overrides);
}

/** The same in a supervised process, as the server runs it. */
export function openSupervisedEngine(
  tables: readonly TableSpec[],
  overrides: Partial<EngineOptions> = {},
): Promise<TestEngine> {
  return openEngine(createEmbeddedEngine, tables, overrides);
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
  };
}

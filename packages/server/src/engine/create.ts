import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Telemetry } from '../kernel/telemetry.ts';
import { createDoor } from './door.ts';
import {
  DEFAULT_FREE_DISK_BYTES,
  DEFAULT_MEMORY_BYTES,
  type EngineLimits,
  engineLimits,
  serverConfig,
} from './embedded/config.ts';
import type { CoreOptions } from './embedded/core.ts';
import { createInProcessHost } from './embedded/in-process.ts';
import { SupervisedHost } from './embedded/supervisor.ts';
import type { EngineHost, HostEvents } from './host.ts';
import type { TableSpec } from './tables.ts';
import { type EngineTelemetry, engineTelemetry } from './telemetry.ts';
import type { LimitClass, ManagedEngine } from './types.ts';

export interface EngineOptions {
  /** The data directory; the engine keeps to `clickhouse/`, `ingest/` and files named `engine.*` in it. */
  readonly directory: string;
  /** Every table, of every slice. */
  readonly tables: readonly TableSpec[];
  /** `storage.memory`: what the engine may take; caches and limits are scaled from it. */
  readonly memoryBytes?: number;
  /** Inserts are refused while the disk has less free space than this. */
  readonly freeDiskBytes?: number;
  /** Overrides of single limits, for tests and expert settings. */
  readonly limits?: Readonly<Partial<Record<LimitClass, Partial<EngineLimits[LimitClass]>>>>;
  /** The file that the engine's process runs, for tests; otherwise {@link engineEntry}. */
  readonly entry?: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
}

/** Writes the engine's configuration file and says where everything lies. */
export function coreOptions(options: EngineOptions): CoreOptions {
  const memoryBytes = options.memoryBytes ?? DEFAULT_MEMORY_BYTES;
  const configFile = join(options.directory, 'engine.xml');
  mkdirSync(options.directory, { recursive: true });
  writeFileSync(configFile, serverConfig(memoryBytes, options.freeDiskBytes ?? DEFAULT_FREE_DISK_BYTES));
  const limits = engineLimits(memoryBytes);
  const overrides = options.limits ?? {};
  return {
    path: join(options.directory, 'clickhouse'),
    configFile,
    limits: {
      interactive: { ...limits.interactive, ...overrides.interactive },
      lookup: { ...limits.lookup, ...overrides.lookup },
      point: { ...limits.point, ...overrides.point },
      background: { ...limits.background, ...overrides.background },
      write: { ...limits.write, ...overrides.write },
    },
  };
}

/** The engine inside this process, for fast tests and short-lived tools; one data directory per process. */
export function createInProcessEngine(options: EngineOptions): ManagedEngine {
  const metrics = engineTelemetry(options.telemetry);
  const host = createInProcessHost(coreOptions(options), options.clock, hostEvents(metrics));
  return doorOver(host, options, metrics);
}

/** The engine in a supervised process of its own: what the server runs. */
export function createEmbeddedEngine(options: EngineOptions): ManagedEngine {
  return createSupervised(options).engine;
}

/** The same with its host, for tests that harm the process. */
export function createSupervised(options: EngineOptions): { engine: ManagedEngine; host: SupervisedHost } {
  const metrics = engineTelemetry(options.telemetry);
  const host = new SupervisedHost({
    core: coreOptions(options),
    ownershipFile: join(options.directory, 'engine.owner.json'),
    entry: options.entry === undefined ? engineEntry(import.meta.url) : [SMALL_HEAP, options.entry],
    events: hostEvents(metrics),
    clock: options.clock,
    log: options.log,
  });
  return { host, engine: doorOver(host, options, metrics) };
}

function doorOver(host: EngineHost, options: EngineOptions, metrics: EngineTelemetry): ManagedEngine {
  return createDoor(host, {
    ingestDirectory: join(options.directory, 'ingest'),
    tables: options.tables,
    clock: options.clock,
    log: options.log,
    metrics,
  });
}

function hostEvents(metrics: EngineTelemetry): HostEvents {
  return {
    discarded: (sessions) => metrics.discarded.inc(sessions),
    anonymousMemory: (bytes) => metrics.resident.set(bytes),
  };
}

/** The process passes bytes on and keeps no objects. */
const SMALL_HEAP = '--max-semi-space-size=1';

/** The engine process's entry: its own file beside the server's bundle, or the source run through a loader in development. */
function engineEntry(here: string): readonly string[] {
  if (!here.endsWith('.ts')) return [SMALL_HEAP, fileURLToPath(new URL('./engine-child.js', here))];
  return [
    SMALL_HEAP,
    '--conditions=source',
    '--import',
    'tsx',
    fileURLToPath(new URL('./embedded/child.ts', here)),
  ];
}

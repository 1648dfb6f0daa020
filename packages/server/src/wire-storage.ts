import { alertDecisions } from './alerts/index.ts';
import { breakerTransitions } from './breakers/index.ts';
import type { PharosConfig } from './config.ts';
import { createEmbeddedEngine, type ManagedEngine, type TableSpec } from './engine/index.ts';
import { errorsTables } from './errors/index.ts';
import { eventsTables } from './events/index.ts';
import { healthTransitions } from './health/index.ts';
import {
  createFlusher,
  createQuarantine,
  type DataDirectory,
  type Flusher,
  journalConfigSchema,
  journalTelemetry,
  nodeFileSystem,
  type OpenJournal,
  type OpenStateStore,
  openDataDirectory,
  openJournal,
  openStateStore,
  stateConfigSchema,
  stateTelemetry,
} from './journal/index.ts';
import type { Clock } from './kernel/clock.ts';
import type { Log } from './kernel/log.ts';
import { systemRandom } from './kernel/random.ts';
import type { Service } from './kernel/services.ts';
import type { Telemetry } from './kernel/telemetry.ts';
import { logsTables } from './logs/index.ts';
import { metricsTables } from './metrics/index.ts';
import { tracesTables } from './traces/index.ts';

/** Every table of every slice. */
export const TABLES: readonly TableSpec[] = [
  ...metricsTables,
  ...logsTables,
  ...tracesTables,
  ...errorsTables,
  ...eventsTables,
  healthTransitions,
  breakerTransitions,
  alertDecisions,
];

/** A start that failed must end, also when the engine hangs. */
const ABANDON_MS = 5_000;
/** An insert of log lines takes up to 9 times its bytes in the engine, of `storage.memory` it may have six tenths. */
const INSERT_SHARE = 20;
const SMALLEST_INSERT = 6 * 2 ** 20;
/** A hundred thousand alerts with their annotations, once as they are and once more in notifications that wait. */
const ALERT_STATE_BYTES = 512 * 2 ** 20;

export interface Base {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
}

export interface Storage {
  readonly directory: DataDirectory;
  readonly engine: ManagedEngine;
  readonly journal: OpenJournal;
  readonly state: OpenStateStore;
  /** Of alerts alone: a flood of them leaves the rest of the state as it is. */
  readonly alertState: OpenStateStore;
  readonly flusher: Flusher;
  readonly services: readonly Service[];
  /** Lets go of everything when the server could not be built. */
  abandon(): Promise<void>;
}

/** Opens the data directory, journal and state, and makes the engine; the services start and stop them in order. */
export async function wireStorage(base: Base, config: PharosConfig): Promise<Storage> {
  const { clock, log } = base;
  const fs = nodeFileSystem;
  const directory = await openDataDirectory({ path: config.storage.path, log });
  try {
    const telemetry = journalTelemetry(base.telemetry);
    const insertBytes = Math.max(SMALLEST_INSERT, Math.floor(config.storage.memory / INSERT_SHARE));
    const settings = journalConfigSchema.parse({
      limitBytes: config.storage.journal_limit,
      flushSeconds: config.storage.flush_interval / 1000,
      freeDiskBytes: config.storage.free_disk,
      insertBytes,
      // What is read at once is inserted at once: of a little more, the rest would be a small part of its own.
      cutBytes: insertBytes,
    });
    const quarantine = createQuarantine({ fs, directory: directory.quarantine, clock, telemetry, log });
    const journal = await openJournal({
      fs,
      directory: directory.journal,
      clock,
      log,
      telemetry,
      quarantine,
      config: settings,
    });
    const state = await openStateStore({
      fs,
      directory: directory.state,
      clock,
      log,
      telemetry: stateTelemetry(base.telemetry),
      quarantine,
      config: stateConfigSchema.parse({}),
    });
    const alertState = await openStateStore({
      fs,
      directory: directory.alerts,
      clock,
      log,
      telemetry: stateTelemetry(base.telemetry, 'pharos_alert_state'),
      quarantine,
      config: stateConfigSchema.parse({ limitBytes: ALERT_STATE_BYTES }),
    });
    const engine = createEmbeddedEngine({
      ...base,
      directory: directory.engine,
      tables: TABLES,
      memoryBytes: config.storage.memory,
      // Below the doors' floor, so that what they acknowledged still drains after they have closed.
      freeDiskBytes: config.storage.free_disk / 2,
    });
    const byName = new Map(TABLES.map((spec) => [spec.name, spec]));
    const flusher = createFlusher({
      source: journal,
      engine,
      tables: (name) => byName.get(name),
      quarantine,
      clock,
      random: systemRandom,
      telemetry,
      log,
      config: settings,
    });
    const parts = { directory, engine, journal, state, alertState, flusher };
    const abandon = async (): Promise<void> => {
      await engine.stop(AbortSignal.timeout(ABANDON_MS));
      await Promise.all([journal.close(), state.close(), alertState.close()]);
      await directory.release();
    };
    return { ...parts, services: lives(parts), abandon };
  } catch (error) {
    await directory.release();
    throw error;
  }
}

function lives({
  directory,
  engine,
  journal,
  state,
  alertState,
  flusher,
}: Omit<Storage, 'services' | 'abandon'>): Service[] {
  return [
    { name: 'data-directory', stop: () => directory.release() },
    { name: 'state', dependsOn: ['data-directory'], stop: () => state.close() },
    { name: 'alert-state', dependsOn: ['data-directory'], stop: () => alertState.close() },
    { name: 'journal', dependsOn: ['data-directory'], stop: () => journal.close() },
    {
      name: 'engine',
      dependsOn: ['data-directory'],
      start: (signal) => engine.start(signal),
      stop: (deadline) => engine.stop(deadline),
    },
    {
      name: 'flusher',
      // What others read back from the journal at start must still be there.
      dependsOn: [
        'engine',
        'journal',
        'metrics-store',
        'logs-store',
        'log-positions',
        'traces-store',
        'errors-store',
        'events-store',
        'health-history',
        'breakers',
        'alert-decisions',
        'forward',
      ],
      start: () => flusher.start(),
      stop: async (deadline) => void (await flusher.drain(deadline)),
    },
  ];
}

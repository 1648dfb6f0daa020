import { ManualClock } from '../../kernel/clock.ts';
import { type Log, silentLog } from '../../kernel/log.ts';
import { seededRandom } from '../../kernel/random.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { type JournalConfig, journalConfigSchema } from '../config.ts';
import { createFlusher, type Flusher } from '../flusher.ts';
import type { FileSystem } from '../fs.ts';
import { openJournal } from '../journal.ts';
import { createQuarantine, type Quarantine } from '../quarantine.ts';
import { journalTelemetry } from '../telemetry.ts';
import type { OpenJournal } from '../types.ts';
import { createFakeEngine, type FakeEngine, rowsTable } from './fake-engine.ts';

export interface Bench {
  readonly journal: OpenJournal;
  readonly flusher: Flusher;
  readonly engine: FakeEngine;
  readonly quarantine: Quarantine;
  readonly clock: ManualClock;
  metrics(): Promise<string>;
}

export interface BenchOptions {
  readonly fs: FileSystem;
  readonly engine?: FakeEngine;
  readonly clock?: ManualClock;
  readonly config?: Partial<JournalConfig>;
  readonly log?: Log;
}

/** A journal and its flusher over a given file system and a fake engine, on a clock that stands still. */
export async function openBench(options: BenchOptions): Promise<Bench> {
  const { fs } = options;
  const clock = options.clock ?? new ManualClock();
  const engine = options.engine ?? createFakeEngine();
  const log = options.log ?? silentLog;
  const registry = createTelemetry();
  const telemetry = journalTelemetry(registry);
  const config = journalConfigSchema.parse({
    freeDiskBytes: 0,
    segmentBytes: 4096,
    flushSeconds: 5,
    ...options.config,
  });
  const quarantine = createQuarantine({ fs, directory: '/data/quarantine', clock, telemetry, log });
  const journal = await openJournal({
    fs,
    directory: '/data/journal',
    clock,
    log,
    telemetry,
    quarantine,
    config,
  });
  const tables = (name: string) => (name === 'rows' ? rowsTable : undefined);
  const random = seededRandom(1);
  const flusher = createFlusher({
    source: journal,
    engine,
    tables,
    quarantine,
    clock,
    random,
    telemetry,
    log,
    config,
  });
  return { journal, flusher, engine, quarantine, clock, metrics: () => registry.expose() };
}

/** Lets everything run that can run without time passing. */
export async function settle(turns = 50): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Advances the clock until the condition holds; fails after a hundred steps. */
export async function until(clock: ManualClock, condition: () => boolean, stepMs = 1000): Promise<void> {
  for (let i = 0; i < 100; i++) {
    await settle(5);
    if (condition()) return;
    await clock.advance(stepMs);
  }
  throw new Error('the condition never held');
}

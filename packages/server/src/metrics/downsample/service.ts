import type { Engine, EngineAdmin } from '../../engine/index.ts';
import type { Journal, StateStore } from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import { samplesTable } from '../tables.ts';
import { Coverage } from './coverage.ts';
import { DownsampleJob } from './job.ts';
import { RESOLUTIONS } from './resolutions.ts';
import { type DownsampleTelemetry, downsampleTelemetry } from './telemetry.ts';

/** What job, queries and retention share. */
export interface Downsampling {
  readonly coverage: Coverage;
  readonly telemetry: DownsampleTelemetry;
}

export function createDownsampling(state: StateStore, telemetry: Telemetry): Downsampling {
  const coverage = new Coverage(state);
  return { coverage, telemetry: downsampleTelemetry(telemetry, () => coverage.dirtyDays) };
}

export interface DownsampleServiceDeps extends Downsampling {
  readonly engine: Engine & Pick<EngineAdmin, 'partitions' | 'dropPartition'>;
  readonly journal: Pick<Journal, 'pressure' | 'flushedPosition'>;
  readonly clock: Clock;
  readonly log: Log;
}

export function createDownsampleJob(deps: DownsampleServiceDeps): DownsampleJob {
  const { journal, clock } = deps;
  return new DownsampleJob({
    ...deps,
    flushedPosition: () => journal.flushedPosition(),
    flushedSince: flushedSince(journal, clock),
  });
}

/** The job on its schedule. */
export function downsampleService(deps: DownsampleServiceDeps): Service {
  const job = createDownsampleJob(deps);
  return {
    name: 'downsample',
    dependsOn: ['engine', 'state', 'flusher'],
    start: () => job.start(),
    stop: () => job.stop(),
  };
}

/** Whether everything that was acknowledged before a time (epoch ms) is in the engine. */
export function flushedSince(
  journal: Pick<Journal, 'pressure'>,
  clock: Pick<Clock, 'now'>,
): (time: number) => boolean {
  return (time) => {
    const { rows, oldestAgeMs } = journal.pressure();
    return rows === 0 || clock.now() - oldestAgeMs > time;
  };
}

const BUCKET_TABLES: ReadonlySet<string> = new Set(RESOLUTIONS.map(({ table }) => table.name));

/** What retention must ask before it drops: samples stay until their buckets are made, and what goes is written down first. */
export function retentionGuard({ coverage }: Downsampling) {
  return {
    firstHeld: (table: string): number =>
      table === samplesTable.name ? coverage.firstNeeded : Number.POSITIVE_INFINITY,
    dropping: async (table: string, firstKept: number): Promise<void> => {
      if (table === samplesTable.name) await coverage.seal(firstKept);
      else if (BUCKET_TABLES.has(table)) await coverage.raiseFloor(table, firstKept);
    },
  };
}

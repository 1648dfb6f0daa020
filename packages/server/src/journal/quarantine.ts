import { basename, join } from 'node:path';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import { type FileSystem, type OpenFile, replaceDurably } from './fs.ts';
import { type JournalTelemetry, type QUARANTINE_REASONS } from './telemetry.ts';

type QuarantineReason = (typeof QUARANTINE_REASONS)[number];

interface QuarantineFacts {
  readonly reason: QuarantineReason;
  /** One sentence for a person. */
  readonly message: string;
  /** What is known about the bytes: segment and offsets, or table, tenant, day, rows. */
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Where bytes go that can be neither stored nor thrown away: the bytes as `x.bin`, the why as `x.json` beside it. */
export interface Quarantine {
  /** Moves a whole file there. */
  keepFile(path: string, why: QuarantineFacts): Promise<void>;
  /** Copies a stretch of a file there; the same stretch again replaces the first copy. */
  keepRange(file: OpenFile, range: ByteRange, why: QuarantineFacts): Promise<void>;
  /** Writes bytes there; the same name again replaces the first. */
  keepBytes(name: string, bytes: Uint8Array, why: QuarantineFacts & { readonly rows: number }): Promise<void>;
  /** How many things were put aside since start. */
  count(): number;
}

interface ByteRange {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface QuarantineOptions {
  readonly fs: FileSystem;
  readonly directory: string;
  readonly clock: Clock;
  readonly telemetry: JournalTelemetry;
  readonly log: Log;
}

export function createQuarantine(options: QuarantineOptions): Quarantine {
  const { fs, directory, clock, telemetry, log } = options;
  let count = 0;
  const note = async (name: string, why: QuarantineFacts): Promise<void> => {
    const at = new Date(clock.now()).toISOString();
    const sidecar = { at, reason: why.reason, message: why.message, ...why.facts };
    await replaceDurably(
      fs,
      join(directory, `${name}.json`),
      Buffer.from(`${JSON.stringify(sidecar, null, 2)}\n`),
    );
    count++;
    telemetry.quarantined.inc({ reason: why.reason });
    log.error({ quarantine: join(directory, name), ...sidecar }, `put into quarantine: ${why.message}`);
  };
  const keep = async (name: string, bytes: Uint8Array, why: QuarantineFacts): Promise<void> => {
    await fs.makeDirectory(directory);
    await replaceDurably(fs, join(directory, `${name}.bin`), bytes);
    await note(name, why);
  };
  return {
    count: () => count,
    async keepFile(path, why) {
      await fs.makeDirectory(directory);
      const taken = new Set(await fs.list(directory));
      const base = basename(path).replaceAll(/[^\w.-]/g, '_');
      let name = base;
      for (let n = 1; taken.has(`${name}.bin`); n++) name = `${base}.${n}`;
      await fs.rename(path, join(directory, `${name}.bin`));
      await fs.syncDirectory(directory);
      await note(name, why);
    },
    async keepRange(file, range, why) {
      const bytes = await file.read(range.from, range.to - range.from);
      await keep(`${range.name}-${range.from}-${range.to}`, bytes, why);
    },
    async keepBytes(name, bytes, why) {
      await keep(name.replaceAll(/[^\w.-]/g, '_'), bytes, why);
      telemetry.quarantinedRows.inc(why.rows);
    },
  };
}

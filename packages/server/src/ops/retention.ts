import type { EngineAdmin, TableSpec } from '../engine/index.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Service } from '../kernel/services.ts';

const DAY_MS = 86_400_000;
const EVERY_MS = 3_600_000;
const FIRST_AFTER_MS = 60_000;
/** A wall clock that moved this much against the monotonic one was set, and may be wrong. */
const JUMP_MS = 3_600_000;

export interface RetentionOptions {
  readonly engine: EngineAdmin;
  readonly tables: readonly TableSpec[];
  /** How long each signal is kept, ms. */
  readonly keep: Readonly<Record<TableSpec['signal'], number>>;
  readonly clock: Clock;
  readonly log: Log;
}

/** The first day (since the epoch) that is kept: a day goes once its last moment is older than the time to keep. */
export function firstKeptDay(now: number, keepMs: number): number {
  return Math.floor((now - keepMs) / DAY_MS);
}

/** Drops whole daily partitions that are past their signal's retention, hourly. */
export class Retention implements Service {
  readonly name = 'retention';
  readonly dependsOn = ['engine'];
  readonly #options: RetentionOptions;
  #timers: Timer[] = [];
  /** Wall clock minus monotonic clock at the last sweep. */
  #offset: number;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#offset = options.clock.now() - options.clock.monotonic();
  }

  start(): void {
    const { clock } = this.#options;
    this.#timers = [
      clock.after(FIRST_AFTER_MS, () => void this.sweep()),
      clock.every(EVERY_MS, () => void this.sweep()),
    ];
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel();
  }

  /** What is dropped is gone: a clock that jumps into the future for a while must not take everything with it. */
  #clockJumped(): boolean {
    const { clock } = this.#options;
    const before = this.#offset;
    this.#offset = clock.now() - clock.monotonic();
    return Math.abs(this.#offset - before) > JUMP_MS;
  }

  async sweep(): Promise<void> {
    const { engine, tables, keep, clock, log } = this.#options;
    if (this.#clockJumped()) {
      log.warn(
        { now: new Date(clock.now()).toISOString() },
        'the wall clock was set; no partition is dropped until it has held for an hour',
      );
      return;
    }
    for (const table of tables) {
      try {
        const dropped = await engine.dropPartitions(table, firstKeptDay(clock.now(), keep[table.signal]));
        if (dropped.length > 0)
          log.info({ table: table.name, days: dropped.length }, 'old partitions were dropped');
      } catch (error) {
        log.warn(
          { err: error, table: table.name },
          'old partitions could not be dropped; the next sweep tries again',
        );
      }
    }
  }
}

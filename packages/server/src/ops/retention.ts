import type { Counter, Gauge } from 'prom-client';
import type { EngineAdmin, PartitionUsage, Signal, TableSpec } from '../engine/index.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Service } from '../kernel/services.ts';
import type { Telemetry } from '../kernel/telemetry.ts';

const DAY_MS = 86_400_000;
const EVERY_MS = 3_600_000;
const FIRST_AFTER_MS = 60_000;
/** A wall clock that moved this much against the monotonic one was set, and may be wrong. */
const JUMP_MS = 3_600_000;

/** What waits for others to have used it goes in the end: a job that never succeeds must not fill the disk. */
const MOST_DAYS_HELD = 7;

export interface RetentionOptions {
  readonly engine: Pick<EngineAdmin, 'dropPartitions' | 'usage'>;
  readonly tables: readonly TableSpec[];
  /** How long each signal is kept, ms. */
  readonly keep: Readonly<Record<Signal, number>>;
  /** Real bytes on disk that each signal may take; signals without one are only dropped by time. */
  readonly budgets: Readonly<Partial<Record<Signal, number | undefined>>>;
  /** Who must be asked before rows go for good. */
  readonly guard?: RetentionGuard | undefined;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly log: Log;
}

export interface RetentionGuard {
  /** The first day of a table that must not go by time yet; infinity where nothing is to be kept longer. */
  firstHeld(table: string): number;
  /** Called before days older than this go from a table, for whatever reason. When it rejects, they stay. */
  dropping(table: string, firstKept: number): Promise<void>;
}

/** The first day (since the epoch) that is kept: a day goes once its last moment is older than the time to keep. */
export function firstKeptDay(now: number, keepMs: number): number {
  return Math.floor((now - keepMs) / DAY_MS);
}

/**
 * The first day to keep so that the partitions of one signal fit its budget; minus infinity when they do. All tables lose the same
 * days, oldest first; the newest day up to `today` always stays, even when it alone is over the budget.
 */
export function firstDayWithin(
  usage: readonly PartitionUsage[],
  budgetBytes: number,
  today: number,
): { readonly day: number; readonly bytesLeft: number } {
  const byDay = new Map<number, number>();
  for (const { day, bytes } of usage) byDay.set(day, (byDay.get(day) ?? 0) + bytes);
  const days = [...byDay.keys()].sort((a, b) => a - b);
  const newest = Math.max(...days.filter((day) => day <= today));
  let bytesLeft = usage.reduce((sum, { bytes }) => sum + bytes, 0);
  let first = Number.NEGATIVE_INFINITY;
  for (const day of days) {
    if (bytesLeft <= budgetBytes || day >= newest) break;
    bytesLeft -= byDay.get(day) ?? 0;
    first = day + 1;
  }
  return { day: first, bytesLeft };
}

/** Drops whole daily partitions that are past their signal's time to keep, and the oldest ones of a signal over its bytes, hourly. */
export class Retention implements Service {
  readonly name = 'retention';
  readonly dependsOn = ['engine'];
  readonly #options: RetentionOptions;
  #timers: Timer[] = [];
  readonly #dropped: Counter;
  readonly #bytes: Gauge;
  /** Wall clock minus monotonic clock at the last sweep. */
  #offset: number;
  /** What is stored, as this sweep last looked; null when that has changed since. */
  #stored: readonly PartitionUsage[] | null = null;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#dropped = options.telemetry.counter({
      name: 'pharos_retention_partitions_dropped_total',
      help: 'Daily partitions of tables dropped, by signal and reason: time, bytes.',
      labels: ['signal', 'reason'],
    });
    this.#bytes = options.telemetry.gauge({
      name: 'pharos_retention_stored_bytes',
      help: 'Real bytes on disk of the tables of a signal, after the last sweep.',
      labels: ['signal'],
    });
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
    const { tables, keep, clock, log } = this.#options;
    if (this.#clockJumped()) {
      log.warn(
        { now: new Date(clock.now()).toISOString() },
        'the wall clock was set; no partition is dropped until it has held for an hour',
      );
      return;
    }
    this.#stored = null;
    try {
      // Of many tables, next to none has something to drop: one look at all of them is cheaper than one at each.
      await this.#usage();
      for (const table of tables) {
        if (table.follows !== undefined) continue;
        const due = firstKeptDay(clock.now(), keep[table.signal]);
        const held = this.#options.guard?.firstHeld(table.name) ?? Number.POSITIVE_INFINITY;
        await this.#drop(table, Math.max(due - MOST_DAYS_HELD, Math.min(held, due)), 'time');
      }
      await this.#fitBudgets();
      for (const table of tables) await this.#follow(table);
    } catch (error) {
      log.warn({ err: error }, 'what is on disk could not be measured; the next sweep tries again');
    }
  }

  async #usage(): Promise<readonly PartitionUsage[]> {
    return (this.#stored ??= await this.#options.engine.usage());
  }

  /** What only names rows of other tables goes after the last of them. */
  async #follow(table: TableSpec): Promise<void> {
    if (table.follows === undefined) return;
    const named = new Set(table.follows);
    const days = (await this.#usage()).filter((one) => named.has(one.table)).map(({ day }) => day);
    if (days.length > 0) await this.#drop(table, Math.min(...days), 'time');
  }

  async #fitBudgets(): Promise<void> {
    const { tables, budgets, clock, log } = this.#options;
    const usage = await this.#usage();
    for (const signal of new Set(tables.map((table) => table.signal))) {
      const own = tables.filter((table) => table.signal === signal && table.follows === undefined);
      const names = new Set(own.map((table) => table.name));
      const ofSignal = usage.filter(({ table }) => names.has(table));
      const budget = budgets[signal] ?? Number.POSITIVE_INFINITY;
      const { day, bytesLeft } = firstDayWithin(ofSignal, budget, Math.floor(clock.now() / DAY_MS));
      this.#bytes.set({ signal }, bytesLeft);
      if (bytesLeft > budget)
        log.warn(
          { signal, bytes: bytesLeft, budget },
          'the newest day alone is over the disk budget of its signal',
        );
      if (day === Number.NEGATIVE_INFINITY) continue;
      for (const table of own) await this.#drop(table, day, 'bytes');
    }
  }

  async #drop(table: TableSpec, firstKept: number, reason: 'time' | 'bytes'): Promise<void> {
    const { engine, log, guard } = this.#options;
    try {
      await guard?.dropping(table.name, firstKept);
      const stored = await this.#usage();
      if (!stored.some(({ table: name, day }) => name === table.name && day < firstKept)) return;
      this.#stored = null;
      const dropped = await engine.dropPartitions(table, firstKept);
      if (dropped.length === 0) return;
      this.#dropped.inc({ signal: table.signal, reason }, dropped.length);
      log.info({ table: table.name, days: dropped.length, reason }, 'old partitions were dropped');
    } catch (error) {
      log.warn(
        { err: error, table: table.name },
        'old partitions could not be dropped; the next sweep tries again',
      );
    }
  }
}

import {
  acrossTenants,
  dateTime64,
  type Engine,
  type EngineAdmin,
  type PartitionState,
  sql,
  table,
} from '../../engine/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { DAY_MS, dayOf } from '../store/rows.ts';
import { samplesTable } from '../tables.ts';
import type { ComputedDay, Coverage } from './coverage.ts';
import { computeDay } from './day.ts';
import { RESOLUTIONS } from './resolutions.ts';
import type { DownsampleTelemetry } from './telemetry.ts';

export interface DownsampleJobDeps {
  readonly engine: Engine & Pick<EngineAdmin, 'partitions' | 'dropPartition'>;
  readonly coverage: Coverage;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: DownsampleTelemetry;
  /** Rows at or below it are in the engine. */
  flushedPosition(): number;
  /** Whether everything that was acknowledged before a time (epoch ms) is in the engine. */
  flushedSince(time: number): boolean;
}

/** A day whose buckets do not stand for its samples, and what the samples are now. */
type DueDay = { readonly day: number } & Pick<ComputedDay, 'mark' | 'midnight'>;

/** Longer than any query runs: what a query may still read is dropped one sweep later. */
const SWEEP_EVERY_MS = 30 * 60_000;
const FIRST_AFTER_MS = 2 * 60_000;
/** A day is computed once the stragglers of its last scrapes should be there; what comes later makes it due again. */
const SETTLE_MS = 60 * 60_000;

/*
 * One sweep:
 *   partitions of the samples ──changed since their day was computed?──> due days, oldest first
 *   due day ─> read by tenant and metric ─> rows under a new run number ─> [state: day = that run] ─> seen by queries
 *   partitions of runs that were no day's run before this sweep began ─> dropped
 *
 * Whatever dies on the way leaves rows of a run that no day names: no query sees them, the next sweep drops them.
 */
export class DownsampleJob {
  readonly #deps: DownsampleJobDeps;
  readonly #stopped = new AbortController();
  #timers: Timer[] = [];
  #running: Promise<void> | null = null;
  #startedAt = 0;

  constructor(deps: DownsampleJobDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { clock } = this.#deps;
    this.#startedAt = clock.now();
    this.#timers = [
      clock.after(FIRST_AFTER_MS, () => void this.sweep()),
      clock.every(SWEEP_EVERY_MS, () => void this.sweep()),
    ];
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#stopped.abort(new Error('the downsampling job stops'));
    await this.#running;
  }

  /** One at a time; never rejects. */
  async sweep(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    await this.#running;
  }

  async #run(): Promise<void> {
    const { engine, clock, log, telemetry, flushedSince } = this.#deps;
    // What an earlier process left in the journal may be rows of any day.
    if (engine.state() !== 'ready' || !flushedSince(this.#startedAt)) return;
    const started = clock.monotonic();
    try {
      await this.#sweep();
      telemetry.lastRun.set(clock.now() / 1000);
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      telemetry.failures.inc();
      log.warn({ err: error }, 'downsampling failed; the next sweep goes on where it ended');
    } finally {
      telemetry.duration.observe((clock.monotonic() - started) / 1000);
    }
  }

  async #sweep(): Promise<void> {
    const { engine, coverage, clock, flushedPosition } = this.#deps;
    const flushed = flushedPosition();
    const before = dayOf(clock.now() - SETTLE_MS);
    const samples = new Map((await engine.partitions(samplesTable)).map((state) => [state.day, state]));
    const stored = await Promise.all(RESOLUTIONS.map(({ table: spec }) => engine.partitions(spec)));
    const current = new Set(coverage.computed().map(([, { run }]) => run));
    const due: DueDay[] = [];
    for (const day of this.#daysOf(samples, before)) {
      const look = await this.#look(day, samples);
      if (look.changed) due.push(look);
      else this.#settle(day, flushed);
    }
    coverage.swept(
      before,
      due.map(({ day }) => day),
    );
    let run = Math.max(0, ...current, ...stored.flat().map(runOf));
    for (const day of due) await this.#compute(day, ++run, flushed);
    await this.#dropStale(stored, current, samples);
    await this.#forgetOld();
  }

  /** Days that can be computed, oldest first. */
  #daysOf(samples: ReadonlyMap<number, PartitionState>, before: number): readonly number[] {
    const { coverage } = this.#deps;
    const days = new Set<number>();
    for (const day of samples.keys()) days.add(day).add(day - 1);
    for (const [day, { mark }] of coverage.computed()) if (mark === '') days.add(day);
    const kept = Math.min(...RESOLUTIONS.map(({ table: { name } }) => coverage.floorOf(name)));
    // Of a sealed day, what samples are left is not all.
    return [...days]
      .filter((day) => day < before && day >= kept && coverage.of(day)?.sealed !== true)
      .sort((a, b) => a - b);
  }

  async #look(
    day: number,
    samples: ReadonlyMap<number, PartitionState>,
  ): Promise<DueDay & { changed: boolean }> {
    const known = this.#deps.coverage.of(day);
    const own = samples.get(day);
    const mark = own === undefined ? 'none' : `${own.oldestInsert}-${own.newestInsert}`;
    const newestInsert = samples.get(day + 1)?.newestInsert ?? 0;
    const rows =
      known?.midnight.newestInsert === newestInsert
        ? known.midnight.rows
        : await this.#rowsAtMidnight(day + 1, newestInsert);
    const midnight = { rows, newestInsert };
    const nothing = known === undefined && own === undefined && rows === 0;
    const changed = !nothing && (known?.mark !== mark || known.midnight.rows !== rows);
    if (known !== undefined && !changed && known.midnight.newestInsert !== newestInsert)
      await this.#deps.coverage.record(day, { ...known, midnight });
    return { day, mark, midnight, changed };
  }

  /** The samples of a day's first instant end the last bucket of the day before. */
  async #rowsAtMidnight(day: number, newestInsert: number): Promise<number> {
    if (newestInsert === 0) return 0;
    const block = await this.#deps.engine.query(
      sql`SELECT toFloat64(count()) AS n FROM ${table(samplesTable)} WHERE ts = ${dateTime64(day * DAY_MS)}${acrossTenants}`,
      { purpose: 'metrics.downsample', tenant: '', limits: 'background', signal: this.#stopped.signal },
    );
    return block.numbers('n')[0] ?? 0;
  }

  async #compute({ day, mark, midnight }: DueDay, run: number, flushed: number): Promise<void> {
    const { engine, coverage, log, telemetry } = this.#deps;
    const { signal } = this.#stopped;
    const late = coverage.lateRows(day);
    const { invalidations } = coverage;
    const { samples, repeated, rows } = await computeDay(engine, { day, run, signal });
    // Retention may have begun with the day meanwhile; the buckets it had were made of all samples.
    if (coverage.of(day)?.sealed === true) return;
    const stands = invalidations === coverage.invalidations;
    await coverage.record(day, {
      run,
      mark: stands ? mark : '',
      midnight,
      samples,
      repeated,
      sealed: false,
      rows,
    });
    if (late === undefined || late <= flushed) coverage.caughtUp(day, late);
    telemetry.days.inc();
    RESOLUTIONS.forEach(({ text }, i) => telemetry.rows.inc({ resolution: text }, rows[i] ?? 0));
    log.info(
      { day: new Date(day * DAY_MS).toISOString().slice(0, 10), samples, rows },
      'a day was downsampled',
    );
  }

  /** A day without a change: what came late and is in the engine by now were repetitions. */
  #settle(day: number, flushed: number): void {
    const late = this.#deps.coverage.lateRows(day);
    if (late !== undefined && late <= flushed) this.#deps.coverage.caughtUp(day, late);
  }

  /** Drops runs that were no day's run when the sweep began: left by a run that died, or replaced at an earlier sweep. */
  async #dropStale(
    stored: readonly (readonly PartitionState[])[],
    current: ReadonlySet<number>,
    samples: ReadonlyMap<number, PartitionState>,
  ): Promise<void> {
    const { engine, coverage } = this.#deps;
    for (const [i, { table: spec }] of RESOLUTIONS.entries()) {
      for (const partition of stored[i] ?? []) {
        if (current.has(runOf(partition))) continue;
        // Without its state a day cannot be told from a leftover: where no samples could make it again, it stays.
        if (coverage.of(partition.day) === undefined && !samples.has(partition.day)) continue;
        await engine.dropPartition(spec, partition.id);
      }
    }
  }

  /** Forgets days of which no resolution has anything any more. */
  async #forgetOld(): Promise<void> {
    const { coverage } = this.#deps;
    const floors = [samplesTable, ...RESOLUTIONS.map(({ table: spec }) => spec)].map(({ name }) =>
      coverage.floorOf(name),
    );
    for (const [day] of coverage.computed())
      if (floors.every((floor) => day < floor)) await coverage.forget(day);
  }
}

/** The run number in a bucket table's partition id. */
function runOf({ id }: PartitionState): number {
  return Number(id.slice(id.indexOf('-') + 1));
}

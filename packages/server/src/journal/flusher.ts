import { type Engine, engineErrors, type TableSpec } from '../engine/index.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import { PharosError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { jitter, type Random } from '../kernel/random.ts';
import { reasonOf } from './admission.ts';
import { type FrameBlock, groupBlocks, halve } from './blocks.ts';
import type { JournalConfig } from './config.ts';
import type { Quarantine } from './quarantine.ts';
import type { JournalTelemetry } from './telemetry.ts';
import type { Cut, FlushSource, JournalPressure, Position } from './types.ts';

export interface FlusherOptions {
  readonly source: FlushSource;
  readonly engine: Engine;
  /** The table of a frame; undefined for tables that no slice of this version has. */
  readonly tables: (name: string) => TableSpec | undefined;
  readonly quarantine: Quarantine;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: JournalTelemetry;
  readonly log: Log;
  readonly config: JournalConfig;
}

/** Moves acknowledged rows from the journal into the engine. */
export interface Flusher {
  /** From here on rows go to the engine every few seconds or when a block is full. Needs the tables to be there. */
  start(): void;
  /** Flushes now what waits; resolves when the round is over. */
  flush(): Promise<void>;
  /**
   * Ends: flushes what waits while the engine is ready, until the deadline. True when everything is in the engine;
   * what is not stays in the journal for the next start.
   */
  drain(deadline: AbortSignal): Promise<boolean>;
}

export function createFlusher(options: FlusherOptions): Flusher {
  return new EngineFlusher(options);
}

/** How often a block is tried before it counts as refused. */
interface Patience {
  readonly lasting: number;
  /** For failures that are no PharosErrors: a bug somewhere, perhaps not of this block. */
  readonly unexpected: number;
}

/** Blocks in one cut at most. */
const MOST_BLOCKS = 4;

const FIRST: Patience = { lasting: 1, unexpected: 10 };
const ONCE: Patience = { lasting: 1, unexpected: 1 };

type Verdict = 'passes' | 'smaller' | 'refused' | 'bad' | 'unexpected';

/*
 * One round:   cut ─> blocks ─> insert each ──ok──────────────────────────────> mark flushed
 *                                  │ passing error: pause, again (reconcile)       ^
 *                                  └ lasting error: later, halved down to the ─────┘
 *                                    bad frame, which goes to quarantine
 */
class EngineFlusher implements Flusher {
  readonly #options: FlusherOptions;
  readonly #stop = new AbortController();
  #round: Promise<void> | null = null;
  #timer: Timer | null = null;
  #started = false;
  #draining = false;
  #failures = 0;
  /** Inserts of positions up to here may have been tried, so that a repeat must be reconciled. */
  #triedUpTo: Position = 0;

  constructor(options: FlusherOptions) {
    this.#options = options;
    options.source.onCommitted((pressure) => {
      if (!this.#started) return;
      if (this.#blockIsFull(pressure)) void this.#kick(true);
      else this.#arm(options.config.flushSeconds * 1000);
    });
  }

  start(): void {
    this.#started = true;
    if (this.#options.source.pressure().bytes > 0) void this.#kick();
  }

  async flush(): Promise<void> {
    await this.#round;
    await this.#kick();
  }

  async drain(deadline: AbortSignal): Promise<boolean> {
    const { source, engine } = this.#options;
    this.#draining = true;
    this.#timer?.cancel();
    const giveUp = (): void => this.#stop.abort(new Error('the flusher stops'));
    if (deadline.aborted || engine.state() !== 'ready') giveUp();
    else deadline.addEventListener('abort', giveUp, { once: true });
    await this.#round;
    if (!this.#stop.signal.aborted) await this.#kick();
    this.#started = false;
    giveUp();
    deadline.removeEventListener('abort', giveUp);
    return source.pressure().bytes === 0;
  }

  #arm(delayMs: number): void {
    if (this.#timer !== null || this.#round !== null || this.#draining) return;
    this.#timer = this.#options.clock.after(delayMs, () => {
      this.#timer = null;
      void this.#kick();
    });
  }

  /** One round at a time; never rejects. With `fullOnly` rows that fill no block may stay. */
  #kick(fullOnly = false): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    this.#round ??= this.#run(fullOnly).finally(() => {
      this.#round = null;
      const { bytes, oldestAgeMs } = this.#options.source.pressure();
      const due = this.#options.config.flushSeconds * 1000 - oldestAgeMs;
      if (this.#started && bytes > 0) this.#arm(Math.max(10, due, this.#pauseMs()));
    });
    return this.#round;
  }

  #pauseMs(): number {
    const { config, random } = this.#options;
    if (this.#failures === 0) return 0;
    const pause = Math.min(config.retryMaxSeconds, config.retrySeconds * 2 ** (this.#failures - 1));
    return jitter(random, pause * 1000);
  }

  async #run(fullOnly: boolean): Promise<void> {
    const { source, config, log } = this.#options;
    try {
      do {
        if (this.#stop.signal.aborted) return;
        const blocks = fullOnly ? this.#fullBlocks() : MOST_BLOCKS;
        const cut = await source.readCut({ rows: config.blockRows * blocks, bytes: config.cutBytes });
        if (cut === null) return;
        await this.#flushCut(cut);
        this.#failures = 0;
      } while (this.#moreIsDue());
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#failures++;
      this.#options.telemetry.flushErrors.inc({ reason: 'round' });
      log.error({ err: reasonOf(error) }, 'a flush round failed and will be repeated');
    }
  }

  #moreIsDue(): boolean {
    const { source, config } = this.#options;
    const pressure = source.pressure();
    if (pressure.bytes === 0) return false;
    const aged = pressure.oldestAgeMs >= config.flushSeconds * 1000;
    return this.#draining || aged || this.#blockIsFull(pressure);
  }

  /** The few rows beyond full blocks wait for more: an insert of their own would cost as much as that of thousands, and a part more. */
  #fullBlocks(): number {
    const { source, config } = this.#options;
    return Math.max(1, Math.min(MOST_BLOCKS, Math.floor(source.pressure().rows / config.blockRows)));
  }

  #blockIsFull({ rows, bytes }: JournalPressure): boolean {
    const { blockRows, blockBytes } = this.#options.config;
    return rows >= blockRows || bytes >= blockBytes;
  }

  async #flushCut(cut: Cut): Promise<void> {
    const { source, clock, config, telemetry } = this.#options;
    const started = clock.monotonic();
    const reconcile = cut.recovered || (cut.frames[0]?.position ?? 0) <= this.#triedUpTo;
    this.#triedUpTo = Math.max(this.#triedUpTo, cut.upTo);
    const bad: FrameBlock[] = [];
    for (const block of groupBlocks(cut.frames, { rows: config.blockRows, bytes: config.insertBytes }))
      if (!(await this.#insert(block, reconcile, FIRST))) bad.push(block);
    const hopeless = new Set<string>();
    for (const block of bad) await this.#separate(block, hopeless);
    await source.markFlushed(cut);
    telemetry.flushDuration.observe((clock.monotonic() - started) / 1000);
  }

  /** Stores the good frames of a refused block and puts the bad ones aside. */
  async #separate(block: FrameBlock, hopeless: Set<string>): Promise<void> {
    const halves = halve(block);
    const key = JSON.stringify([block.table, block.schemaVersion, block.day]);
    const { attempts } = this.#options.config;
    const patience =
      halves === null && !hopeless.has(key) ? { lasting: attempts, unexpected: attempts } : ONCE;
    const failure: { error?: unknown } = {};
    if (await this.#insert(block, true, patience, failure)) return;
    if (halves === null) {
      hopeless.add(key);
      await this.#giveUp(block, failure.error);
      return;
    }
    await this.#separate(halves[0], hopeless);
    await this.#separate(halves[1], hopeless);
  }

  /**
   * False when the engine refused the block for a lasting reason as often as allowed. Waits as long as it takes when
   * the reason passes; rejects when the flusher stops.
   */
  async #insert(
    block: FrameBlock,
    reconcile: boolean,
    patience: Patience,
    failure: { error?: unknown } = {},
  ): Promise<boolean> {
    const { engine, tables, telemetry, config } = this.#options;
    const table = tables(block.table);
    if (table === undefined) return false;
    let again = reconcile;
    let lasting = 0;
    for (let tries = 1; ; tries++) {
      await this.#engineReady();
      try {
        const payload = block.frames.map((frame) => frame.payload);
        const { schemaVersion, rows, day } = block;
        const insert = { table, schemaVersion, rows, day, payload, reconcile: again };
        await engine.insert(insert, { purpose: 'journal.flush', signal: this.#stop.signal });
        telemetry.flushes.inc({ table: table.name });
        telemetry.flushedRows.inc({ table: table.name }, rows);
        return true;
      } catch (error) {
        this.#stop.signal.throwIfAborted();
        again = true;
        failure.error = error;
        const verdict = judge(error);
        telemetry.flushErrors.inc({ reason: labelOf(error) });
        this.#options.log.warn(
          { table: table.name, rows: block.rows, tries, err: reasonOf(error) },
          'an insert failed',
        );
        if (verdict === 'refused' || verdict === 'bad') lasting++;
        if (lasting >= patience.lasting) return false;
        if (verdict === 'unexpected' && tries >= patience.unexpected) return false;
        if (verdict === 'smaller' && tries >= config.attempts && block.frames.length > 1) return false;
        if (verdict !== 'refused') await this.#pause(tries);
      }
    }
  }

  async #giveUp(block: FrameBlock, error: unknown): Promise<void> {
    const { quarantine, tables } = this.#options;
    for (const frame of block.frames) {
      const known = tables(frame.table) !== undefined;
      await quarantine.keepBytes(`frame-${frame.position}-${frame.index}-${frame.table}`, frame.payload, {
        reason: known ? 'refused' : 'unknown_table',
        rows: frame.rows,
        message: known
          ? `the engine refused ${frame.rows} rows of table ${frame.table}: ${reasonOf(error)}`
          : `${frame.rows} rows are for table ${frame.table}, which this version does not have`,
        facts: {
          table: frame.table,
          schemaVersion: frame.schemaVersion,
          tenant: frame.tenant,
          day: frame.day,
          rows: frame.rows,
          position: frame.position,
          code: error instanceof PharosError ? error.code : 'unexpected',
        },
      });
    }
  }

  /** Resolves when the engine is up; rejects when the flusher stops meanwhile. */
  async #engineReady(): Promise<void> {
    const { engine } = this.#options;
    const { signal } = this.#stop;
    signal.throwIfAborted();
    if (engine.state() === 'ready') return;
    if (this.#draining) this.#stop.abort(new Error('the engine is down while the flusher stops'));
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const done = (): void => {
        unsubscribe();
        signal.removeEventListener('abort', aborted);
      };
      const aborted = (): void => {
        done();
        reject(signal.reason);
      };
      const unsubscribe = engine.onState((state) => {
        if (state !== 'ready') return;
        done();
        resolve();
      });
      signal.addEventListener('abort', aborted, { once: true });
    });
  }

  async #pause(tries: number): Promise<void> {
    const { clock, config, random } = this.#options;
    const pause = Math.min(config.retryMaxSeconds, config.retrySeconds * 2 ** (tries - 1));
    await clock.sleep(jitter(random, pause * 1000), this.#stop.signal);
  }
}

/** What a failed insert means for the block. */
function judge(error: unknown): Verdict {
  if (engineErrors.is(error, 'refused')) return 'refused';
  if (engineErrors.is(error, 'badQuery')) return 'bad';
  // Stored rows that do not read, and that the engine could not set aside, do not heal by waiting.
  if (engineErrors.is(error, 'corrupt') || engineErrors.is(error, 'undecodable')) return 'bad';
  if (engineErrors.is(error, 'resource')) return 'smaller';
  return error instanceof PharosError ? 'passes' : 'unexpected';
}

function labelOf(error: unknown): string {
  return error instanceof PharosError ? error.code : 'unexpected';
}

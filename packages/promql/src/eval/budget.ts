import { executionError, QueryError } from '../errors.ts';

/** Samples touched between two looks at the clock; well under 1 ms of work. */
const UNITS_PER_LOOK = 100_000;

/** Evaluation yields to the event loop when it has run this long. */
const SLICE_MS = 10;

export interface BudgetSettings {
  readonly maxSamples: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly now: (() => number) | undefined;
  readonly yieldNow: (() => Promise<void>) | undefined;
}

/**
 * What one query may still use. Loops call `spend` with the samples they touched and, when it answers true,
 * `await pause()`: that yields, and ends the query when it is aborted or too late.
 */
export class Budget {
  readonly #settings: BudgetSettings;
  readonly #deadline: number;
  #sliceStart: number;
  #units = 0;
  #held = 0;
  #peak = 0;

  constructor(settings: BudgetSettings) {
    this.#settings = settings;
    this.#sliceStart = settings.now?.() ?? 0;
    this.#deadline = this.#sliceStart + settings.timeoutMs;
    this.check();
  }

  get peakSamples(): number {
    return this.#peak;
  }

  /** Counts work; true when the caller must `await pause()`. */
  spend(units: number): boolean {
    this.#units += units + 16;
    return this.#units >= UNITS_PER_LOOK;
  }

  async pause(): Promise<void> {
    this.#units = 0;
    const { now, yieldNow } = this.#settings;
    if (now === undefined || now() - this.#sliceStart >= SLICE_MS) {
      await yieldNow?.();
      this.#sliceStart = now?.() ?? 0;
    }
    this.check();
  }

  /** Fails when the query was aborted or ran out of time. */
  check(): void {
    const { signal, now } = this.#settings;
    if (signal?.aborted === true)
      throw new QueryError('canceled', 'query was canceled in expression evaluation', {
        cause: signal.reason,
      });
    if (now !== undefined && now() >= this.#deadline)
      throw new QueryError('timeout', 'query timed out in expression evaluation');
  }

  /** Samples now in memory; fails above the limit. */
  hold(samples: number): void {
    this.#held += samples;
    if (this.#held > this.#peak) this.#peak = this.#held;
    this.requireRoom(0);
  }

  /** Fails where so many more than are held would be above the limit: asked before memory is taken for them. */
  requireRoom(samples: number): void {
    if (this.#held + samples > this.#settings.maxSamples)
      throw executionError('query processing would load too many samples into memory in query execution');
  }

  release(samples: number): void {
    this.#held -= samples;
  }
}

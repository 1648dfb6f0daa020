import type { Clock } from '../../kernel/clock.ts';
import { yieldToLoop } from '../store/yield.ts';

/** Work at a stretch before others get their turn, ms: a scrape or a query that waits meanwhile does not notice. */
const SLICE_MS = 8;
/** Steps between two looks at the clock, which costs more than a step. */
const STEPS = 256;

/** Cuts a long count into slices: `await` what `step` answers whenever it answers something. */
export class Slices {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #signal: AbortSignal | undefined;
  #steps = 0;
  #since: number;

  constructor(clock: Pick<Clock, 'monotonic'>, signal?: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    this.#since = clock.monotonic();
  }

  /** One step of work is done; a promise when it is time for a pause. */
  step(): Promise<void> | null {
    if (++this.#steps % STEPS !== 0 || this.#clock.monotonic() - this.#since < SLICE_MS) return null;
    return this.#pause();
  }

  async #pause(): Promise<void> {
    await yieldToLoop();
    this.#signal?.throwIfAborted();
    this.#since = this.#clock.monotonic();
  }
}

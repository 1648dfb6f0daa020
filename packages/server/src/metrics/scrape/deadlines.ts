import type { Clock, Timer } from '../../kernel/clock.ts';

interface Deadline {
  readonly at: number;
  readonly run: () => void;
}

/**
 * Timers for what next to never takes that long: one of the clock's for all of them, which is left as it is when they are
 * cancelled. One made and ended with every scrape cost as much as the request itself.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #pending = new Set<Deadline>();
  #timer: Timer | null = null;
  /** When the timer fires, on the monotonic clock. */
  #next = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs it after so many ms unless it is cancelled before. */
  after(delayMs: number, run: () => void): Timer {
    const deadline = { at: this.#clock.monotonic() + delayMs, run };
    this.#pending.add(deadline);
    if (deadline.at < this.#next) this.#arm(deadline.at);
    return { cancel: () => this.#pending.delete(deadline) };
  }

  #arm(at: number): void {
    this.#timer?.cancel();
    this.#next = at;
    this.#timer = this.#clock.after(Math.max(0, at - this.#clock.monotonic()), () => this.#fire());
  }

  #fire(): void {
    this.#timer = null;
    this.#next = Number.POSITIVE_INFINITY;
    const now = this.#clock.monotonic();
    let next = Number.POSITIVE_INFINITY;
    const over: Deadline[] = [];
    for (const deadline of this.#pending) {
      if (deadline.at <= now) over.push(deadline);
      else if (deadline.at < next) next = deadline.at;
    }
    if (next < Number.POSITIVE_INFINITY) this.#arm(next);
    // One may cancel another.
    for (const deadline of over) if (this.#pending.delete(deadline)) deadline.run();
  }
}

import type { Clock, Timer } from '../../kernel/clock.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** One deadline for each key, of any length; setting it again puts it off. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #timers = new Map<string, Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  set(key: string, delayMs: number, run: () => void): void {
    this.cancel(key);
    this.#timers.set(key, after(this.#clock, delayMs, run));
  }

  cancel(key: string): void {
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }
}

/** A timer of any length: those of the runtime end after 24 days. */
function after(clock: Clock, delayMs: number, run: () => void): Timer {
  if (delayMs <= LONGEST_TIMER_MS) return clock.after(delayMs, run);
  let timer = clock.after(LONGEST_TIMER_MS, () => (timer = after(clock, delayMs - LONGEST_TIMER_MS, run)));
  return { cancel: () => timer.cancel() };
}

import type { Clock, Timer } from '../../kernel/clock.ts';
import { pageKey } from './book.ts';
import { dueAt, type Page } from './page/page.ts';

/** Timers of the platform end at 24 days. */
const MOST_TIMER_MS = 3_600_000;

interface PageTimersDeps {
  readonly clock: Clock;
  /** The time has come of the page with a key; `timedFor` is what its timer waited for in full, epoch ms. */
  goOff(key: string, timedFor: number | undefined): void;
}

/** When open pages are looked at next, by their keys. */
export class PageTimers {
  readonly #deps: PageTimersDeps;
  /** With what each waits for, epoch ms; undefined for a look at once. */
  readonly #timers = new Map<string, { readonly timer: Timer; readonly at: number | undefined }>();
  #isRunning = false;

  constructor(deps: PageTimersDeps) {
    this.#deps = deps;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  start(): void {
    this.#isRunning = true;
  }

  stop(): void {
    this.#isRunning = false;
    for (const { timer } of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  arm(page: Page): void {
    const at = dueAt(page);
    const key = pageKey(page);
    const known = this.#timers.get(key);
    if (at === null) {
      known?.timer.cancel();
      this.#timers.delete(key);
      // One that waits already keeps to its time when the clock is put back.
    } else if (known?.at !== at) this.armAfter(key, at - this.#deps.clock.now(), at);
  }

  armAfter(key: string, ms: number, at?: number): void {
    this.#timers.get(key)?.timer.cancel();
    if (!this.#isRunning) return;
    const timedFor = ms <= MOST_TIMER_MS ? at : undefined;
    const timer = this.#deps.clock.after(Math.min(Math.max(0, ms), MOST_TIMER_MS), () => {
      this.#timers.delete(key);
      this.#deps.goOff(key, timedFor);
    });
    this.#timers.set(key, { timer, at });
  }
}

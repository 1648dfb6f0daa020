import type { Clock, Timer } from '../../kernel/clock.ts';

/** Scrapes due this close together start as one. */
const SLACK_MS = 5;
/** Scrapes of one moment that are under way at once: their bodies find memory, and other work a gap between them. */
const WIDTH = 4;
/** When none of them ends for so long they are waited for no longer: a hung target holds nobody back. */
const IMPATIENCE_MS = 20;

/** Starts the scrape; it must call `done` once, when the target's answer is dealt with or will not come. */
export type StartScrape = (done: () => void) => void;

interface Due {
  readonly at: number;
  readonly start: StartScrape;
}

/**
 * Starts scrapes when they are due, many with one timer: a process that wakes up once for ten targets spends far less on each
 * than one that wakes up ten times, with cold caches and a commit every time. What is due at one moment starts a few at a time.
 *
 *     at(time) ──> due ──one timer for the earliest──> ready ──at most WIDTH──> under way ──done──> next
 */
export class ScrapePacer {
  readonly #clock: Clock;
  readonly #due = new Set<Due>();
  readonly #ready = new Set<Due>();
  #timer: Timer | null = null;
  /** When the timer fires, on the monotonic clock. */
  #next = Number.POSITIVE_INFINITY;
  #width = WIDTH;
  /** Scrapes under way that are waited for; replaced when they are not any more. */
  #awaited = new Set<Due>();
  #impatience: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts the scrape at a time of the monotonic clock, or as soon after it as the others of that moment let it. */
  at(time: number, start: StartScrape): Timer {
    const due = { at: time, start };
    this.#due.add(due);
    if (time < this.#next) this.#arm(time);
    return {
      cancel: () => {
        this.#due.delete(due);
        this.#ready.delete(due);
      },
    };
  }

  #arm(time: number): void {
    this.#timer?.cancel();
    this.#next = time;
    this.#timer = this.#clock.after(Math.max(0, time - this.#clock.monotonic()), () => this.#fire());
  }

  #fire(): void {
    const until = this.#clock.monotonic() + SLACK_MS;
    const found: Due[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const due of this.#due) {
      if (due.at <= until) {
        this.#due.delete(due);
        found.push(due);
      } else if (due.at < next) next = due.at;
    }
    // What is left of an earlier moment is slow: this one's do not wait for it.
    if (this.#ready.size === 0) this.#awaited = new Set();
    for (const due of found) this.#ready.add(due);
    this.#timer = null;
    this.#next = Number.POSITIVE_INFINITY;
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
    this.#begin();
  }

  #begin(): void {
    for (const due of this.#ready) {
      if (this.#awaited.size >= this.#width) break;
      this.#ready.delete(due);
      const awaited = this.#awaited;
      awaited.add(due);
      due.start(() => {
        awaited.delete(due);
        this.#proceed();
      });
    }
    if (this.#ready.size === 0) this.#width = WIDTH;
    else this.#impatience ??= this.#clock.after(IMPATIENCE_MS, () => this.#lose());
  }

  /** One ended: the others of its moment are given as long again. */
  #proceed(): void {
    this.#impatience?.cancel();
    this.#impatience = null;
    this.#begin();
  }

  /** None ended in time: those under way no longer count, and more of the others start at once. */
  #lose(): void {
    this.#impatience = null;
    this.#awaited = new Set();
    this.#width *= 2;
    this.#begin();
  }
}

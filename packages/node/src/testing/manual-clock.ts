import { type Clock, sleepWith, type Timer } from '../clock.ts';

interface Scheduled {
  at: number;
  every: number | null;
  run: () => void;
  cancelled: boolean;
}

/** A clock that stands still until told: `advance` runs due timers in order and lets promises settle between them. */
export class ManualClock implements Clock {
  #now: number;
  #monotonic = 0;
  #timers: Scheduled[] = [];

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delayMs: number, run: () => void): Timer {
    return this.#schedule(delayMs, null, run);
  }

  every(intervalMs: number, run: () => void): Timer {
    return this.#schedule(intervalMs, intervalMs, run);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepWith((run) => this.after(delayMs, run), signal);
  }

  /** Timers still to run. */
  get pending(): number {
    return this.#timers.filter((timer) => !timer.cancelled).length;
  }

  /** The wall clock jumps (NTP, suspend); timers keep to monotonic time. */
  jump(deltaMs: number): void {
    this.#now += deltaMs;
  }

  async advance(ms: number): Promise<void> {
    const target = this.#monotonic + ms;
    for (;;) {
      await settle();
      const next = this.#timers.filter((t) => !t.cancelled && t.at <= target).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#moveTo(next.at);
      if (next.every === null) next.cancelled = true;
      else next.at += next.every;
      next.run();
      this.#timers = this.#timers.filter((t) => !t.cancelled);
    }
    this.#moveTo(target);
    await settle();
  }

  #moveTo(monotonic: number): void {
    this.#now += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }

  #schedule(delayMs: number, every: number | null, run: () => void): Timer {
    const scheduled: Scheduled = { at: this.#monotonic + delayMs, every, run, cancelled: false };
    this.#timers.push(scheduled);
    return {
      cancel: () => {
        scheduled.cancelled = true;
      },
    };
  }
}

/** Lets every promise that can settle now do so. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}

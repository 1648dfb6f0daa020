/** A cancellable timer. `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/** The only source of time. Tests inject a ManualClock; nothing else reads the wall clock or sets a timer. */
export interface Clock {
  /** Wall-clock milliseconds since the Unix epoch; may jump. */
  now(): number;
  /** Milliseconds that never jump or go back; for durations and deadlines. */
  monotonic(): number;
  after(delayMs: number, run: () => void): Timer;
  every(intervalMs: number, run: () => void): Timer;
  /** Resolves after the delay; rejects with the signal's reason when it aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Timers are unreferenced: they never keep a stopping process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
  every: (intervalMs, run) => (intervalMs % SECOND_MS === 0 ? everySeconds : everyPeriod)(intervalMs, run),
  sleep: (delayMs, signal) => sleepOn(systemClock, delayMs, signal),
};

const SECOND_MS = 1000;

function everyPeriod(intervalMs: number, run: () => void): Timer {
  const handle = setInterval(run, intervalMs);
  handle.unref();
  return { cancel: () => clearInterval(handle) };
}

/**
 * Timers of whole seconds fire on the wall clock's seconds (each delay is up to half a second off for that): all of them, and
 * scrapes, wake the process up together.
 */
function everySeconds(intervalMs: number, run: () => void): Timer {
  let handle: NodeJS.Timeout;
  const arm = (): void => {
    const beyond = (Date.now() + intervalMs) % SECOND_MS;
    const delay = intervalMs - (beyond < SECOND_MS / 2 ? beyond : beyond - SECOND_MS);
    handle = setTimeout(() => {
      arm();
      run();
    }, delay);
    handle.unref();
  };
  arm();
  return { cancel: () => clearTimeout(handle) };
}

function sleepOn(clock: Pick<Clock, 'after'>, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

interface Scheduled {
  at: number;
  readonly every: number | null;
  readonly run: () => void;
}

/** A clock that stands still until told: `advance` runs due timers in order, letting promises settle between them. */
export class ManualClock implements Clock {
  #now: number;
  #monotonic = 0;
  /** In the order in which they were set. */
  readonly #timers = new Set<Scheduled>();

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
    return sleepOn(this, delayMs, signal);
  }

  /** The wall clock jumps (NTP, suspend); timers keep to monotonic time. */
  jump(deltaMs: number): void {
    this.#now += deltaMs;
  }

  async advance(ms: number): Promise<void> {
    const target = this.#monotonic + ms;
    for (;;) {
      await settle();
      const next = this.#nextUntil(target);
      if (next === undefined) break;
      this.#moveTo(next.at);
      if (next.every === null) this.#timers.delete(next);
      else next.at += next.every;
      next.run();
    }
    this.#moveTo(target);
    await settle();
  }

  #moveTo(monotonic: number): void {
    this.#now += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }

  /** The earliest timer that is due by then; of several the one that was set first. */
  #nextUntil(target: number): Scheduled | undefined {
    let next: Scheduled | undefined;
    for (const timer of this.#timers)
      if (timer.at <= target && (next === undefined || timer.at < next.at)) next = timer;
    return next;
  }

  #schedule(delayMs: number, every: number | null, run: () => void): Timer {
    const scheduled: Scheduled = { at: this.#monotonic + delayMs, every, run };
    this.#timers.add(scheduled);
    return { cancel: () => void this.#timers.delete(scheduled) };
  }
}

/** Lets every promise that can settle now do so. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** A cancellable timer. `cancel` is idempotent. */
export interface Timer {
  cancel(): void;
}

/** The only source of time in the SDK; tests hand in one that stands still. */
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

/** Uniform in [0, 1). Not for secrets. */
export type Random = () => number;

export const systemRandom: Random = () => Math.random();

/** Background timers are unreferenced, so that the SDK never keeps a finished process alive; `sleep` is the caller's own wait and keeps it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, run) {
    const handle = setTimeout(run, delayMs);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
  every(intervalMs, run) {
    const handle = setInterval(run, intervalMs);
    handle.unref();
    return { cancel: () => clearInterval(handle) };
  },
  sleep: (delayMs, signal) =>
    sleepWith((run) => {
      const handle = setTimeout(run, delayMs);
      return { cancel: () => clearTimeout(handle) };
    }, signal),
};

/** A sleep built from any one-shot timer. */
export function sleepWith(schedule: (run: () => void) => Timer, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(asError(signal.reason));
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(asError(signal?.reason));
    };
    const timer = schedule(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

import type { Clock } from '../../kernel/clock.ts';

/** Runs something under a signal that aborts, with an Error for its reason, when the time is over. */
export async function withDeadline<T>(
  clock: Clock,
  timeoutMs: number,
  what: string,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = clock.after(timeoutMs, () =>
    controller.abort(new Error(`${what} did not answer within ${timeoutMs / 1000} s`)),
  );
  try {
    return await run(controller.signal);
  } finally {
    timer.cancel();
  }
}

import type { Clock } from '../../kernel/clock.ts';
import { PharosError } from '../../kernel/errors.ts';

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5000;

/**
 * For doors whose senders cannot be asked to come again: tries until it is done, waiting longer each time, while the store says that
 * it cannot take lines now (`unavailable`). Null when the signal ended it; rejects with any other error.
 */
export async function untilTaken<T>(
  clock: Clock,
  signal: AbortSignal,
  attempt: () => Promise<T>,
): Promise<T | null> {
  for (let wait = FIRST_WAIT_MS; !signal.aborted; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof PharosError) || error.kind !== 'unavailable') throw error;
    }
    await clock.sleep(wait, signal).catch(() => {});
  }
  return null;
}

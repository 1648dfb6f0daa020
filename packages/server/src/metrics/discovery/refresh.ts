import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { jitter, type Random } from '../../kernel/random.ts';
import type { Discoverer, TargetGroup } from './types.ts';

export interface RefreshDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly onFailure: (mechanism: string) => void;
}

export interface RefreshOptions {
  /** As in `pharos_discovery_failures_total`. */
  readonly mechanism: string;
  /** What is asked, for the log. */
  readonly source: string;
  readonly intervalMs: number;
  /** All groups there are now. A rejection keeps the last good ones. */
  readonly look: (signal: AbortSignal) => Promise<readonly TargetGroup[]>;
  readonly close?: () => Promise<void>;
}

/** One look may not take longer than this, nor longer than the interval. */
const LOOK_TIMEOUT_MS = 30_000;
/** A first look that fails is soon repeated: without targets there is nothing to keep. */
const FIRST_RETRY_MS = 5_000;

/** A source that is asked anew every interval. Trouble is logged when it begins or changes, and counted each time. */
export function createRefreshDiscoverer(options: RefreshOptions, deps: RefreshDeps): Discoverer {
  const { mechanism, source, intervalMs, look } = options;
  const { clock, random, log } = deps;
  const stopped = new AbortController();
  let timer: Timer | null = null;
  let trouble: string | null = null;
  let found = false;
  const once = async (update: (groups: readonly TargetGroup[]) => void): Promise<void> => {
    try {
      const signal = AbortSignal.any([
        stopped.signal,
        AbortSignal.timeout(Math.min(LOOK_TIMEOUT_MS, intervalMs)),
      ]);
      const groups = await look(signal);
      if (stopped.signal.aborted) return;
      if (trouble !== null) log.info({ mechanism, source }, 'targets can be discovered again');
      trouble = null;
      found = true;
      update(groups);
    } catch (error) {
      if (stopped.signal.aborted) return;
      deps.onFailure(mechanism);
      const message = error instanceof Error ? error.message : String(error);
      if (trouble !== message)
        log.warn(
          { mechanism, source, error: message },
          'targets could not be discovered; the last ones stay',
        );
      trouble = message;
    }
    const wait = found ? intervalMs : Math.min(FIRST_RETRY_MS, intervalMs);
    timer = clock.after(jitter(random, wait), () => void once(update));
  };
  return {
    start: (update) => void once(update),
    stop: () => {
      timer?.cancel();
      stopped.abort();
      void options.close?.();
    },
  };
}

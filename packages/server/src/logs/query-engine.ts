import { createLogQueryEngine, type LogQueryEngine } from '@pharos/logql';
import type { Clock } from '../kernel/clock.ts';
import type { LogsConfig } from './config.ts';

interface QueryEngineDeps {
  readonly clock: Clock;
  readonly config: LogsConfig;
  /** Lets other work run in the middle of an evaluation. */
  readonly breathe: () => Promise<void>;
}

/** LogQL within the bounds of `logs.query`. */
export function logQueryEngine({ clock, config, breathe }: QueryEngineDeps): LogQueryEngine {
  const { query } = config;
  return createLogQueryEngine({
    limits: {
      maxEntries: config.max_entries,
      maxSeries: query.max_series,
      maxPoints: query.max_points,
      maxBytes: query.max_bytes,
      maxLengthNs: query.max_length * 1e6,
      maxSamples: query.max_samples,
      timeoutMs: query.timeout,
    },
    now: () => clock.now(),
    yieldNow: breathe,
  });
}

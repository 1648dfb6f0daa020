import type { EngineOptions } from '@pharos/promql';
import type { MetricsConfig } from './config.ts';

/** How queries are read and evaluated: the lookback and what of experimental PromQL is allowed. */
export function queryOptions({ lookback_delta, experimental }: MetricsConfig['query']): EngineOptions {
  const on = new Set(experimental);
  return {
    lookbackMs: lookback_delta,
    experimentalFunctions: on.has('functions'),
    durationExpressions: on.has('duration_expressions'),
    extendedRangeSelectors: on.has('extended_range_selectors'),
    fillModifiers: on.has('fill_modifiers'),
    trimOperators: on.has('trim_operators'),
    startTimestamps: on.has('start_timestamps'),
    delayedNameRemoval: on.has('delayed_name_removal'),
  };
}

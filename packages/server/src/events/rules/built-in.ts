import { type AnomalyLimits, anomalyRule } from './anomaly.ts';
import { approachingRule } from './approaching.ts';
import { consistencyRule } from './consistency.ts';
import { cpuUsage } from './cpu-usage.ts';
import { errorRate } from './error-rate.ts';
import { invalidValueRule } from './invalid-value.ts';
import { latency } from './latency.ts';
import { memoryUsage } from './memory-usage.ts';
import { nullOutputRule } from './null-output.ts';
import { patternRule } from './pattern.ts';
import { responseTime } from './response-time.ts';
import { silentFailureRule } from './silent-failure.ts';
import { type Threshold, thresholdRule } from './threshold.ts';
import { trendRule } from './trend.ts';
import type { Rule } from './types.ts';

/** Every figure with a limit of its own. */
const THRESHOLDS = {
  response_time: responseTime,
  latency,
  cpu_usage: cpuUsage,
  memory_usage: memoryUsage,
  error_rate: errorRate,
} as const satisfies Readonly<Record<string, (limit: number) => Threshold>>;

export interface RuleLimits {
  readonly limits: Readonly<Record<keyof typeof THRESHOLDS, number>>;
  /** Share of a limit from which a figure approaches it. */
  readonly approach: number;
  readonly anomaly: AnomalyLimits;
}

/** Names that no user's rule may take. */
export const BUILT_IN_NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(THRESHOLDS),
  'approaching_limit',
  'null_output',
  'invalid_value',
  'consistency',
  'silent_failure',
  'anomaly',
  'trend',
  'pattern',
]);

/** The rules that are there without anybody writing one, in the order their findings stand in a verdict. */
export function builtInRules({ limits, approach, anomaly }: RuleLimits): readonly Rule[] {
  const thresholds = [
    THRESHOLDS.response_time(limits.response_time),
    THRESHOLDS.latency(limits.latency),
    THRESHOLDS.cpu_usage(limits.cpu_usage),
    THRESHOLDS.memory_usage(limits.memory_usage),
    THRESHOLDS.error_rate(limits.error_rate),
  ];
  return [
    ...thresholds.map(thresholdRule),
    nullOutputRule,
    invalidValueRule(thresholds),
    consistencyRule,
    silentFailureRule,
    anomalyRule(anomaly),
    trendRule(anomaly),
    patternRule,
    approachingRule(thresholds, approach),
  ];
}

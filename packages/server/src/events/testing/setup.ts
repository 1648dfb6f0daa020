import type { JsonObject, JudgedEvent } from '../event.ts';
import { BaselineBuffer } from '../history/baseline.ts';
import { Histories } from '../history/histories.ts';
import type { RuleSettings } from '../rule-set.ts';
import { builtInRules } from '../rules/built-in.ts';
import type { Finding } from '../verdict.ts';

/** The settings that stand without any configuration. */
export const DEFAULTS: RuleSettings = {
  limits: { response_time: 5000, latency: 3000, cpu_usage: 90, memory_usage: 85, error_rate: 10 },
  approach: 0.9,
  anomaly: { zScore: 3, strong: 6, minEvents: 30 },
  bands: { warning: 0.7, critical: 0.9 },
};

export function eventOf(data: JsonObject, more: Partial<JudgedEvent> = {}): JudgedEvent {
  return { source: 'api', eventType: 'request', data, metadata: {}, ...more };
}

/** The baseline of the last of some events of one source. */
export function baselineOf(events: readonly JsonObject[]): BaselineBuffer {
  const lesson = new Histories(10).lesson('default');
  const baseline = new BaselineBuffer();
  for (const data of events) lesson.observe(eventOf(data), 0, baseline);
  return baseline;
}

/**
 * What the built-in rule of that name says of an event, given those of its source before: weight, field and decision of each finding.
 * Throws when there is no such rule.
 */
export function finder(name: string): (data: JsonObject, before?: readonly JsonObject[]) => string[] {
  const says = ruleOf(name);
  return (data, before = []) => says(data, baselineOf([...before, data]));
}

/** The same of one figure, `amount`, beside a history whose own figures are given. */
export function finderBeside(
  name: string,
): (figure: {
  readonly value: number;
  readonly mean: number;
  readonly variance: number;
  readonly fast: number;
}) => string[] {
  const says = ruleOf(name);
  return ({ value, ...before }) => {
    const baseline = new BaselineBuffer();
    baseline.add('amount', value, { count: 1000, ...before });
    baseline.end();
    return says({ amount: value }, baseline);
  };
}

function ruleOf(name: string): (data: JsonObject, baseline: BaselineBuffer) => string[] {
  const rule = builtInRules(DEFAULTS).find((one) => one.name === name);
  if (rule === undefined) throw new Error(`there is no rule ${name}`);
  return (data, baseline) => {
    const findings: Finding[] = [];
    rule.check(eventOf(data), baseline, findings);
    return findings.map(({ rule: of, weight, field, decision }) =>
      of === name ? `${weight} ${field} ${decision}` : `by ${of}`,
    );
  };
}

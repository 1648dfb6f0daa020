import { createMatcher, isStaleMarker, type Matcher, METRIC_NAME, type Queryable } from '@pharos/promql';
import type { AlertingRule } from './definition.ts';
import { type Alert, isActive } from './state/alert.ts';
import { ALERT_NAME } from './state/alert-labels.ts';
import { ALERTS_FOR_STATE } from './state/evaluate.ts';
import { isRestored, restoredActiveAt, type WrittenState } from './state/restore.ts';
import type { GroupState, RuleState } from './state/rule-state.ts';

export interface RestoreDeps {
  readonly queryable: () => Queryable;
  /** How long a restored alert waits at least before it fires, in ms; rules with less `for` just wait anew. */
  readonly graceMs: number;
  /** What was written longer ago than this is not taken over, in ms. */
  readonly toleranceMs: number;
  readonly failed: (rule: AlertingRule, error: unknown) => void;
}

/** One answer is not enough: what a rule reads may itself be written by rules, or not be scraped yet. */
const ENOUGH_ANSWERS = 2;

/** Whether it is time to take over what an earlier process wrote of a rule. One that had no answer yet does not know its alerts. */
export function mayRestore({ restored, answers }: RuleState): boolean {
  return !restored && answers >= ENOUGH_ANSWERS;
}

/**
 * Takes over how long alerts have been active from what an earlier process wrote. A rule whose past cannot be read counts as restored:
 * there is no second try, and its alerts must fire some time.
 */
export async function restoreStates(deps: RestoreDeps, state: GroupState, now: number): Promise<void> {
  for (const rule of state.rules) {
    if (!mayRestore(rule)) continue;
    try {
      await restoreRule(deps, rule, now);
    } catch (error) {
      if (rule.rule.kind === 'alerting') deps.failed(rule.rule, error);
    }
    rule.restored = true;
  }
}

async function restoreRule(deps: RestoreDeps, state: RuleState, now: number): Promise<void> {
  const { rule } = state;
  if (rule.kind !== 'alerting' || state.alerts.size === 0) return;
  const rules = { forMs: rule.forMs, graceMs: deps.graceMs };
  if (!isRestored(rules)) return;
  const written = await writtenStates(deps, rule, now);
  state.alerts = new Map(
    [...state.alerts].map(([key, alert]): [string, Alert] => {
      const before = isActive(alert) ? written.get(key) : undefined;
      const activeAt = before === undefined ? alert.activeAt : restoredActiveAt(before, rules, now);
      return [key, { ...alert, activeAt }];
    }),
  );
}

/** What was written last of the alerts of a rule that had not ended, by the key of their labels. */
async function writtenStates(
  { queryable, toleranceMs }: RestoreDeps,
  rule: AlertingRule,
  now: number,
): Promise<ReadonlyMap<string, WrittenState>> {
  const { series } = await queryable().select({
    matchers: matchersOf(rule),
    startExclusive: now - toleranceMs,
    end: now,
    hints: { start: now, end: now, step: 1, range: toleranceMs },
  });
  const written = new Map<string, WrittenState>();
  for (const { labels, timestamps, values, from, to } of series) {
    const last = to - 1;
    if (last < from || isStaleMarker(values[last])) continue;
    written.set(labels.dropMetricName().key, {
      writtenAt: timestamps[last],
      activeAt: values[last] * 1000,
    });
  }
  return written;
}

/** Labels whose text is the same for every alert narrow the selection down; the others are compared one by one. */
function matchersOf(rule: AlertingRule): readonly Matcher[] {
  const constant = [...rule.labelTemplates].filter(([, { isConstant }]) => isConstant);
  const labels = new Map(constant.map(([name, { text }]): [string, string] => [name, text]));
  labels.set(METRIC_NAME, ALERTS_FOR_STATE);
  labels.set(ALERT_NAME, rule.name);
  return [...labels].map(([name, value]) => createMatcher(name, '=', value));
}

import { createHash } from 'node:crypto';
import { type Rule, type RuleGroup, ruleIdentity } from '../rules/definition.ts';
import { drawableOf } from '../rules/drawable.ts';
import type { RunningGroup } from '../rules/manager.ts';

/** Which rule it is. */
export interface RuleRef {
  /** 16 hex digits: file, group, kind, name and labels. A rule keeps it when its expression changes. */
  readonly id: string;
  readonly file: string;
  readonly group: string;
  readonly name: string;
}

/** A rule is made anew with every reload that changes it. */
const ids = new WeakMap<Rule, string>();

export function ruleId({ file, name }: Pick<RuleGroup, 'file' | 'name'>, rule: Rule): string {
  const before = ids.get(rule);
  if (before !== undefined) return before;
  const hash = createHash('sha256').update(JSON.stringify([file, name, ruleIdentity(rule)]), 'utf8');
  const id = hash.digest('hex').slice(0, 16);
  ids.set(rule, id);
  return id;
}

type RuleState = RunningGroup['state']['rules'][number];

/** A rule as a list shows it. Durations in ms, times in epoch ms. */
function shownRule(
  group: RuleGroup,
  { rule, alerts, health, lastError, evaluationMs, lastEvaluation }: RuleState,
) {
  const counts = { pending: 0, firing: 0 };
  for (const { state } of alerts.values()) if (state !== 'inactive') counts[state]++;
  return {
    id: ruleId(group, rule),
    name: rule.name,
    kind: rule.kind,
    query: rule.query,
    language: rule.parsed.language,
    labels: Object.fromEntries(rule.labels),
    for_ms: rule.kind === 'alerting' ? rule.forMs : 0,
    ...counts,
    health,
    error: lastError,
    evaluation_ms: evaluationMs,
    evaluated_at: lastEvaluation,
  };
}

/** All groups with their rules, as a list shows them. */
export function shownGroups(groups: readonly RunningGroup[]) {
  return groups.map(({ group, state, settings }) => ({
    file: group.file,
    name: group.name,
    language: group.language,
    interval_ms: settings.intervalMs,
    offset_ms: settings.offsetMs,
    limit: group.limit,
    evaluation_ms: state.evaluationMs,
    evaluated_at: state.lastEvaluation,
    rules: state.rules.map((rule) => shownRule(group, rule)),
  }));
}

/** One rule with all that is known of it; undefined when there is none of this id. */
export function shownRuleOf(groups: readonly RunningGroup[], id: string) {
  for (const { group, state, settings } of groups)
    for (const one of state.rules) {
      const { rule } = one;
      if (ruleId(group, rule) !== id) continue;
      return {
        ...shownRule(group, one),
        file: group.file,
        group: group.name,
        interval_ms: settings.intervalMs,
        keep_firing_for_ms: rule.kind === 'alerting' ? rule.keepFiringForMs : 0,
        annotations: rule.kind === 'alerting' ? Object.fromEntries(rule.annotations) : {},
        chart: rule.kind === 'alerting' ? drawableOf(rule.parsed) : { query: rule.query, threshold: null },
      };
    }
  return undefined;
}

import type { AlertingRuleView, AlertView, RecordingRuleView, RuleGroupView } from '../../metrics/index.ts';
import type { AlertingRule } from './definition.ts';
import type { RunningGroup } from './manager.ts';
import type { RuleState } from './state/rule-state.ts';

/** Rule groups as the Prometheus API tells of them. */
export function ruleViews(groups: readonly RunningGroup[]): readonly RuleGroupView[] {
  return groups.map(({ group, state, settings }) => ({
    name: group.name,
    file: group.file,
    language: group.language,
    intervalMs: settings.intervalMs,
    limit: group.limit,
    evaluationMs: state.evaluationMs,
    lastEvaluation: state.lastEvaluation,
    rules: state.rules.map(ruleView),
  }));
}

function ruleView(state: RuleState): AlertingRuleView | RecordingRuleView {
  const { rule, health, lastError, evaluationMs, lastEvaluation } = state;
  const { name, query, labels } = rule;
  const base = { name, query, labels, health, lastError, evaluationMs, lastEvaluation };
  return rule.kind === 'recording' ? { type: 'recording', ...base } : alertingView(state, rule, base);
}

function alertingView(
  state: RuleState,
  { forMs, keepFiringForMs, annotations }: AlertingRule,
  base: Omit<RecordingRuleView, 'type'>,
): AlertingRuleView {
  return {
    type: 'alerting',
    ...base,
    state: worstOf(state),
    forMs,
    keepFiringForMs,
    annotations,
    alerts: () => alertViews(state),
  };
}

/** Firing before pending before inactive; unknown before the first evaluation. */
function worstOf({ alerts, lastEvaluation }: RuleState): AlertingRuleView['state'] {
  if (lastEvaluation === null) return 'unknown';
  const states = new Set([...alerts.values()].map(({ state }) => state));
  return states.has('firing') ? 'firing' : states.has('pending') ? 'pending' : 'inactive';
}

function alertViews({ alerts }: RuleState): readonly AlertView[] {
  const views: AlertView[] = [];
  for (const { state, labels, annotations, activeAt, keepFiringSince, value } of alerts.values())
    if (state !== 'inactive') views.push({ labels, annotations, state, activeAt, keepFiringSince, value });
  return views;
}

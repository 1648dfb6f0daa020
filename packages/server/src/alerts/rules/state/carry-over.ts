import { type Rule, ruleIdentity } from '../definition.ts';
import { freshRule, type GroupState, type RuleState, type WrittenSeries } from './rule-state.ts';

/**
 * The state of a group whose definition was changed. A rule goes on where the one of the same name and labels was, the first with the
 * first where there are several; the series of rules that are gone end. `restored` is said of rules that were not there before.
 */
export function carriedOver(from: GroupState, rules: readonly Rule[], restored: boolean): GroupState {
  const before = new Map<string, RuleState[]>();
  for (const state of from.rules) {
    const identity = ruleIdentity(state.rule);
    const same = before.get(identity);
    if (same === undefined) before.set(identity, [state]);
    else same.push(state);
  }
  const next = rules.map((rule): RuleState => {
    const old = before.get(ruleIdentity(rule))?.shift();
    const fresh = freshRule(rule, restored);
    if (old === undefined) return fresh;
    return { ...fresh, alerts: old.alerts, series: old.series, restored: old.restored };
  });
  const gone = [...before.values()].flat();
  return {
    rules: next,
    ending: [...from.ending, ...gone.flatMap(seriesOf)],
    evaluationMs: from.evaluationMs,
    lastEvaluation: from.lastEvaluation,
  };
}

/** Every series of a group, for one that is gone as a whole. */
export function everySeries(state: GroupState): readonly WrittenSeries[] {
  return [...state.ending, ...state.rules.flatMap(seriesOf)];
}

function seriesOf({ series }: RuleState): readonly WrittenSeries[] {
  return [...series.values()];
}

import type { ListedRule, RuleGroup } from './contracts.ts';
import type { RuleFilter } from './search.ts';

/** A row of the list: the head of a group, or a rule. */
export type RuleRow =
  | { readonly kind: 'group'; readonly key: string; readonly group: RuleGroup }
  | { readonly kind: 'rule'; readonly key: string; readonly rule: ListedRule };

/** How many rules there are, and in how many something is to be seen. */
export function countsOf(groups: readonly RuleGroup[]) {
  const counts = { rules: 0, firing: 0, pending: 0, failing: 0 };
  for (const rule of groups.flatMap((group) => group.rules)) {
    counts.rules++;
    if (rule.firing > 0) counts.firing++;
    if (rule.pending > 0) counts.pending++;
    if (rule.health === 'err') counts.failing++;
  }
  return counts;
}

const KEEPS: Readonly<Record<RuleFilter, (rule: ListedRule) => boolean>> = {
  firing: ({ firing }) => firing > 0,
  pending: ({ pending }) => pending > 0,
  failing: ({ health }) => health === 'err',
};

/** Rows of the rules that have the words and the state; groups of which no rule is left are left out. */
export function ruleRows(
  groups: readonly RuleGroup[],
  words: string,
  only: RuleFilter | undefined,
): readonly RuleRow[] {
  const text = words.trim().toLowerCase();
  return groups.flatMap((group): RuleRow[] => {
    const hasAll = `${group.file} ${group.name}`.toLowerCase().includes(text);
    const rules = group.rules.filter(
      (rule) =>
        (hasAll || `${rule.name} ${rule.query}`.toLowerCase().includes(text)) &&
        (only === undefined || KEEPS[only](rule)),
    );
    if (rules.length === 0) return [];
    const key = `${group.file};${group.name}`;
    return [
      { kind: 'group', key, group },
      // Two rules of a group may be alike in all that makes their id.
      ...rules.map((rule, place): RuleRow => ({ kind: 'rule', key: `${key};${rule.id};${place}`, rule })),
    ];
  });
}

import { useMemo } from 'react';
import type { RuleGroup } from '../contracts.ts';
import { useRules } from '../use-alerts.ts';
import { useOwnRules } from './use-editor.ts';

/** A rule that alerts of a name come from. */
export interface NamedRule {
  readonly id: string;
  /** What tells it from others of its name: its severity, or its group. */
  readonly word: string;
  /** Whether it was made here, and is changed here. */
  readonly own: boolean;
}

/** The rules of each alert's name; `ownFile` is the file of those that were made here. */
export function rulesByAlert(
  groups: readonly RuleGroup[],
  ownFile: string,
): ReadonlyMap<string, readonly NamedRule[]> {
  const named = new Map<string, NamedRule[]>();
  for (const { file, name, rules } of groups)
    for (const { id, kind, name: alert, labels } of rules) {
      if (kind !== 'alerting') continue;
      const of = named.get(alert) ?? [];
      named.set(alert, of);
      of.push({ id, word: labels['severity'] ?? name, own: file === ownFile });
    }
  return named;
}

const NONE: readonly RuleGroup[] = [];

/** The same of the rules there are; of none while they are not known. */
export function useRulesByAlert(): ReadonlyMap<string, readonly NamedRule[]> {
  const groups = useRules().data?.groups ?? NONE;
  const ownFile = useOwnRules().data?.file;
  return useMemo(() => rulesByAlert(ownFile === undefined ? NONE : groups, ownFile ?? ''), [groups, ownFile]);
}

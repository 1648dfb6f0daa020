import type { Labels } from '@pharos/promql';
import { fingerprintOf } from '../labels/fingerprint.ts';
import { type LabelSet, labelSet } from '../labels/label-set.ts';
import type { RunningGroup } from '../rules/manager.ts';
import { type RuleRef, ruleId } from './shown-rules.ts';

/** An active alert of one of Pharos' own rules. Times in epoch ms. */
export interface RuleAlert {
  /** By which whoever is told of the alert knows it, too. */
  readonly fingerprint: string;
  readonly rule: RuleRef;
  /** External labels among them. */
  readonly labels: LabelSet;
  /** Those of its series `ALERTS`. */
  readonly own: Labels;
  readonly annotations: ReadonlyMap<string, string>;
  readonly state: 'pending' | 'firing';
  /** Since when the condition holds. */
  readonly activeAt: number;
  readonly firedAt: number | null;
  readonly value: number;
}

interface Known {
  readonly external: ReadonlyMap<string, string>;
  readonly labels: LabelSet;
  readonly fingerprint: string;
}

/** The labels of an alert stay the same object for as long as it is active. */
const known = new WeakMap<Labels, Known>();

/** All pending and firing alerts of all rules. */
export function ruleAlerts(
  groups: readonly RunningGroup[],
  external: ReadonlyMap<string, string>,
): readonly RuleAlert[] {
  return groups.flatMap(({ group, state }) =>
    state.rules.flatMap(({ rule, alerts }) => {
      const ref: RuleRef = { id: ruleId(group, rule), file: group.file, group: group.name, name: rule.name };
      const active: RuleAlert[] = [];
      for (const alert of alerts.values()) {
        if (alert.state === 'inactive') continue;
        const { labels: own, annotations, activeAt, firedAt, value } = alert;
        const { labels, fingerprint } = toldAs(own, external);
        active.push({
          fingerprint,
          labels,
          rule: ref,
          own,
          annotations,
          state: alert.state,
          activeAt,
          firedAt,
          value,
        });
      }
      return active;
    }),
  );
}

/** Since when the condition of each pending and firing alert holds, epoch ms; by fingerprint. */
export function firstSigns(
  groups: readonly RunningGroup[],
  external: ReadonlyMap<string, string>,
): ReadonlyMap<string, number> {
  return new Map(ruleAlerts(groups, external).map(({ fingerprint, activeAt }) => [fingerprint, activeAt]));
}

function toldAs(own: Labels, external: ReadonlyMap<string, string>): Known {
  const before = known.get(own);
  if (before?.external === external) return before;
  const labels = labelSet([...external, ...own.toMap()]);
  const made: Known = { external, labels, fingerprint: fingerprintOf(labels) };
  known.set(own, made);
  return made;
}

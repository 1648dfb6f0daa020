import type { InhibitRule } from '../config/inhibit-rule.ts';
import type { LabelSet } from '../labels/label-set.ts';
import { matchesAll } from '../matchers/matcher.ts';
import { type Alert, isResolvedAt } from '../received/alert.ts';

/** Why an alert is quiet: a rule, and one alert that fires and matches its source. */
export interface Inhibition {
  /** Position of the rule in the file. */
  readonly rule: number;
  /** The rule's name, where it has one. */
  readonly name: string;
  /** Fingerprint of the source. */
  readonly source: string;
}

/** Sources of one rule, by the values of its equal labels: an alert looks only at those it could be inhibited by. */
interface RuleSources {
  readonly rule: InhibitRule;
  readonly byEqual: Map<string, Map<string, Alert>>;
}

/** Which alerts keep which quiet. It sees every alert that comes in. */
export class Inhibitor {
  readonly #rules: readonly RuleSources[];

  constructor(rules: readonly InhibitRule[]) {
    this.#rules = rules.map((rule) => ({ rule, byEqual: new Map() }));
  }

  /** Takes an alert as it is now, also one that ended. */
  observe(alert: Alert): void {
    for (const { rule, byEqual } of this.#rules) {
      if (!matchesAll(rule.source, alert.labels)) continue;
      const key = equalKey(rule, alert.labels);
      const sources = byEqual.get(key) ?? new Map<string, Alert>();
      byEqual.set(key, sources.set(alert.fingerprint, alert));
    }
  }

  /** Forgets sources that ended. */
  forget(now: number): void {
    for (const { byEqual } of this.#rules)
      for (const [key, sources] of byEqual) {
        for (const [fingerprint, alert] of sources) if (isResolvedAt(alert, now)) sources.delete(fingerprint);
        if (sources.size === 0) byEqual.delete(key);
      }
  }

  /** At most one per rule, in the order of the rules. */
  inhibiting(labels: LabelSet, now: number): readonly Inhibition[] {
    const found: Inhibition[] = [];
    for (const [i, { rule, byEqual }] of this.#rules.entries()) {
      if (!matchesAll(rule.target, labels)) continue;
      const sources = byEqual.get(equalKey(rule, labels));
      if (sources === undefined) continue;
      // Who matches both sides is not inhibited by others who do: no alert inhibits itself, and no two each other.
      const isBoth = matchesAll(rule.source, labels);
      for (const source of sources.values()) {
        if (isResolvedAt(source, now) || (isBoth && matchesAll(rule.target, source.labels))) continue;
        found.push({ rule: i, name: rule.name, source: source.fingerprint });
        break;
      }
    }
    return found;
  }
}

/** A label that is missing is as an empty one. */
function equalKey({ equal }: InhibitRule, labels: LabelSet): string {
  return JSON.stringify(equal.map((name) => labels.get(name) ?? ''));
}

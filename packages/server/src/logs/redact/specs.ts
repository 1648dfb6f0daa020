import { RE2JS } from 're2js';
import { cardRule } from './card.ts';
import {
  awsRule,
  bearerRule,
  emailRule,
  jwtRule,
  passwordRule,
  patternRule,
  privateKeyRule,
  urlPasswordRule,
} from './patterns.ts';
import type { OwnRule, RedactionRule } from './rule.ts';

/** Ready rules, by what they are about. */
export const READY = {
  secrets: [bearerRule, jwtRule, awsRule, privateKeyRule, urlPasswordRule, passwordRule],
  cards: [cardRule],
  emails: [emailRule],
} as const satisfies Readonly<Record<string, readonly RedactionRule[]>>;

/** A rule as it goes to another thread, where it is made again: the name of a ready one, or an own one. */
export type RuleSpec = string | OwnRule;

export function specsOf(rules: readonly RedactionRule[]): RuleSpec[] {
  return rules.map(({ own, name }) => own ?? name);
}

export function rulesOf(specs: readonly RuleSpec[]): RedactionRule[] {
  const ready = new Map<string, RedactionRule>(
    Object.values(READY).flatMap((rules) => rules.map((rule) => [rule.name, rule] as const)),
  );
  return specs.map((spec) => {
    const rule = typeof spec === 'string' ? ready.get(spec) : ownRule(spec);
    if (rule === undefined) throw new Error(`no rule of redaction is named ${JSON.stringify(spec)}`);
    return rule;
  });
}

/** Throws RE2JS's error for a pattern that is none. */
export function ownRule(own: OwnRule, compiled = RE2JS.compile(own.pattern)): RedactionRule {
  const { name, replacement, contains } = own;
  return { ...patternRule(name, compiled, { replacement, literals: contains }), own };
}

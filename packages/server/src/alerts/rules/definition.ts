import type { MetricExpr } from '@pharos/logql';
import type { Expr } from '@pharos/promql';
import type { RuleTemplate } from './template/rule-template.ts';

/** What rules may be written in: questions about series, or about log lines. */
export const RULE_LANGUAGES = ['promql', 'logql'] as const;
export type RuleLanguage = (typeof RULE_LANGUAGES)[number];

/** An expression, parsed, in the language it is written in. */
export type RuleExpr =
  | { readonly language: 'promql'; readonly expr: Expr }
  | { readonly language: 'logql'; readonly expr: MetricExpr };

interface RuleBase {
  readonly name: string;
  /** The expression in its canonical form, as the API shows it. */
  readonly query: string;
  readonly parsed: RuleExpr;
  /** As they are written, templates unexpanded, the group's below the rule's, sorted by name. An empty value takes the label away. */
  readonly labels: ReadonlyMap<string, string>;
}

export interface RecordingRule extends RuleBase {
  readonly kind: 'recording';
}

export interface AlertingRule extends RuleBase {
  readonly kind: 'alerting';
  /** How long the condition must hold before the alert fires, in ms. */
  readonly forMs: number;
  /** How long an alert keeps firing after its condition held last, in ms. */
  readonly keepFiringForMs: number;
  /** As they are written, sorted by name. */
  readonly annotations: ReadonlyMap<string, string>;
  readonly labelTemplates: ReadonlyMap<string, RuleTemplate>;
  readonly annotationTemplates: ReadonlyMap<string, RuleTemplate>;
}

export type Rule = RecordingRule | AlertingRule;

/** Rules that are evaluated one after the other, at the same times. */
export interface RuleGroup {
  readonly file: string;
  readonly name: string;
  /** Of all its expressions; templates ask in PromQL in any case. */
  readonly language: RuleLanguage;
  /** Between evaluations, in ms; undefined for `global.evaluation_interval`. */
  readonly intervalMs: number | undefined;
  /** How far back queries look from the time of an evaluation, in ms; undefined for `global.rule_query_offset`. */
  readonly queryOffsetMs: number | undefined;
  /** Most series or alerts one rule may make; 0 or less for no limit. */
  readonly limit: number;
  readonly rules: readonly Rule[];
}

/** Names of groups are their file's own. */
export function groupKey({ file, name }: Pick<RuleGroup, 'file' | 'name'>): string {
  return `${file};${name}`;
}

/** What of a rule its state belongs to: a rule with another expression but the same name and labels goes on where the old one was. */
export function ruleIdentity(rule: Rule): string {
  return JSON.stringify([rule.kind, rule.name, [...rule.labels]]);
}

/** Equal for groups that do the same. */
export function groupText({ file, name, language, limit, rules, ...times }: RuleGroup): string {
  const { intervalMs = null, queryOffsetMs = null } = times;
  return JSON.stringify([file, name, language, intervalMs, queryOffsetMs, limit, rules.map(ruleText)]);
}

function ruleText(rule: Rule): unknown {
  const base = [rule.kind, rule.name, rule.query, [...rule.labels]];
  return rule.kind === 'recording'
    ? base
    : [...base, rule.forMs, rule.keepFiringForMs, [...rule.annotations]];
}

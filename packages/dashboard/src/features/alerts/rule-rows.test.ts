import { expect, it } from 'vitest';
import type { ListedRule, RuleGroup } from './contracts.ts';
import { countsOf, ruleRows } from './rule-rows.ts';

function rule(name: string, more: Partial<ListedRule> = {}): ListedRule {
  return {
    id: name,
    name,
    kind: 'alerting',
    query: `up{x="${name}"}`,
    labels: {},
    language: 'promql',
    for_ms: 0,
    pending: 0,
    firing: 0,
    health: 'ok',
    error: null,
    evaluation_ms: 1,
    evaluated_at: 1,
    ...more,
  };
}

const group = (name: string, rules: readonly ListedRule[]): RuleGroup => ({
  file: 'rules/a.yml',
  name,
  language: 'promql',
  interval_ms: 1,
  evaluation_ms: 1,
  evaluated_at: null,
  rules: [...rules],
});

const GROUPS = [
  group('shop', [rule('Down', { firing: 2 }), rule('Slow', { pending: 1 })]),
  group('host', [rule('Full', { health: 'err' }), rule('Down', { firing: 1, health: 'err' })]),
];

const words = (...asked: [string, Parameters<typeof ruleRows>[2]?]) =>
  ruleRows(GROUPS, asked[0], asked[1]).map((row) =>
    row.kind === 'group' ? `[${row.group.name}]` : row.rule.name,
  );

it('keeps the rules that have the words and the state, below their groups', () => {
  expect(words('')).toEqual(['[shop]', 'Down', 'Slow', '[host]', 'Full', 'Down']);
  expect(words('DOWN')).toEqual(['[shop]', 'Down', '[host]', 'Down']);
  expect(words('host')).toEqual(['[host]', 'Full', 'Down']);
  expect(words('', 'failing')).toEqual(['[host]', 'Full', 'Down']);
  expect(words('none')).toEqual([]);
});

it('counts rules, not their alerts', () => {
  expect(countsOf(GROUPS)).toEqual({ rules: 4, firing: 2, pending: 1, failing: 2 });
});

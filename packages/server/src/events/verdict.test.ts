import { expect, it } from 'vitest';
import type { Decision } from './event.ts';
import { type Finding, suggestionsOf, verdictOf, type Weight } from './verdict.ts';

const BANDS = { warning: 0.7, critical: 0.9 };

const finding = (weight: Weight, field: string, decision: Decision = 'RETRY'): Finding => ({
  rule: `rule_${field}`,
  weight,
  decision,
  field,
  value: 1,
  limit: 0,
  message: `${field} is wrong`,
  suggestion: `mend ${field}`,
});

it.each<[string, readonly Finding[], number, string, string]>([
  ['nothing', [], 0, 'NORMAL', 'CONTINUE'],
  ['a caution', [finding('caution', 'a', 'CONTINUE')], 0.7, 'WARNING', 'CONTINUE'],
  ['two cautions', [finding('caution', 'a'), finding('caution', 'b')], 0.71, 'WARNING', 'RETRY'],
  ['ten cautions', Array.from({ length: 10 }, () => finding('caution', 'a')), 0.74, 'WARNING', 'RETRY'],
  ['a violation', [finding('violation', 'a')], 0.75, 'WARNING', 'RETRY'],
  [
    'two of one field',
    [finding('violation', 'a'), finding('violation', 'a', 'HALT')],
    0.75,
    'WARNING',
    'HALT',
  ],
  [
    'a violation and a caution',
    [finding('violation', 'a'), finding('caution', 'b')],
    0.77,
    'WARNING',
    'RETRY',
  ],
  [
    'two violations',
    [finding('violation', 'a'), finding('violation', 'b', 'REPROCESS')],
    0.9,
    'CRITICAL',
    'REPROCESS',
  ],
  [
    'three violations',
    ['a', 'b', 'c'].map((field) => finding('violation', field)),
    0.92,
    'CRITICAL',
    'RETRY',
  ],
  ['a critical one', [finding('critical', 'a', 'ESCALATE')], 0.9, 'CRITICAL', 'ESCALATE'],
  [
    'critical and violation',
    [finding('critical', 'a'), finding('violation', 'b', 'HALT')],
    0.92,
    'CRITICAL',
    'HALT',
  ],
  ['very many', Array.from({ length: 30 }, (_, i) => finding('critical', `f${i}`)), 1, 'CRITICAL', 'RETRY'],
])('%s', (_name, findings, score, status, decision) => {
  const verdict = verdictOf(findings, BANDS);
  expect({ score: verdict.score, status: verdict.status, decision: verdict.decision }).toEqual({
    score,
    status,
    decision,
  });
  for (const { message } of findings.slice(0, 5)) expect(verdict.reasoning).toContain(message);
});

it('bands are the operator’s: below them nothing is to be done', () => {
  const verdict = verdictOf([finding('violation', 'a')], { warning: 0.8, critical: 0.95 });
  expect([verdict.status, verdict.decision, verdict.score]).toEqual(['NORMAL', 'CONTINUE', 0.75]);
});

it('advice stands once, that of the heaviest first', () => {
  const all = [finding('caution', 'a'), finding('critical', 'b'), finding('caution', 'a')];
  expect(suggestionsOf(all)).toEqual(['mend b', 'mend a']);
});

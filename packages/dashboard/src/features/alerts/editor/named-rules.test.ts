import { expect, it } from 'vitest';
import { rulesByAlert } from './named-rules.ts';

const rule = (id: string, name: string, kind: 'alerting' | 'recording', labels: Record<string, string>) => ({
  id,
  name,
  kind,
  labels,
  query: 'up == 0',
  language: 'promql' as const,
  for_ms: 0,
  pending: 0,
  firing: 0,
  health: 'ok' as const,
  error: null,
  evaluation_ms: 0,
  evaluated_at: null,
});
const group = (file: string, name: string, rules: ReturnType<typeof rule>[]) => ({
  file,
  name,
  language: 'promql' as const,
  rules,
  interval_ms: 1000,
  evaluation_ms: 0,
  evaluated_at: null,
});

it('finds the rules that alerts of a name come from, and which of them were made here', () => {
  const groups = [
    group('ready', 'shop', [
      rule('1', 'Down', 'alerting', { severity: 'critical' }),
      rule('2', 'Down', 'alerting', {}),
      rule('3', 'Down', 'recording', {}),
    ]),
    group('own.yml', 'own', [rule('4', 'Slow', 'alerting', {})]),
  ];
  expect([...rulesByAlert(groups, 'own.yml')]).toEqual([
    [
      'Down',
      [
        { id: '1', word: 'critical', own: false },
        { id: '2', word: 'shop', own: false },
      ],
    ],
    ['Slow', [{ id: '4', word: 'own', own: true }]],
  ]);
});

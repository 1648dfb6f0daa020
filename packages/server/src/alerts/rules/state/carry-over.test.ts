import { Labels, parseExpr } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import type { Rule } from '../definition.ts';
import type { Alert } from './alert.ts';
import { carriedOver, everySeries } from './carry-over.ts';
import { freshGroup, type GroupState } from './rule-state.ts';

function rule(name: string, query: string, labels: Record<string, string> = {}): Rule {
  const parsed = { language: 'promql', expr: parseExpr(query) } as const;
  return { kind: 'recording', name, query, parsed, labels: new Map(Object.entries(labels)) };
}

const series = (name: string) => ({ labels: Labels.fromRecord({ __name__: name }), ref: 1 });
const names = (list: readonly { labels: Labels }[]): string[] => list.map(({ labels }) => labels.metricName);

/** A group whose rules have written one series each, named `s0`, `s1`, …. */
function written(rules: readonly Rule[]): GroupState {
  const state = freshGroup(rules, true);
  state.rules.forEach((one, i) => {
    one.series = new Map([['key', series(`s${i}`)]]);
    one.health = 'ok';
  });
  state.evaluationMs = 12;
  state.lastEvaluation = 34;
  return state;
}

describe('carriedOver', () => {
  it('a rule goes on where the one of the same name and labels was, wherever it stands now', () => {
    const from = written([rule('a', 'up'), rule('b', 'up')]);
    const next = carriedOver(from, [rule('b', 'up'), rule('a', 'up > 0')], true);
    expect(next.rules.map((one) => names([...one.series.values()]))).toEqual([['s1'], ['s0']]);
    expect([next.ending, next.evaluationMs, next.lastEvaluation]).toEqual([[], 12, 34]);
    expect(next.rules.map(({ health }) => health)).toEqual(['unknown', 'unknown']);
  });

  it('the series of rules that are gone, or have other labels, end', () => {
    const from = written([rule('a', 'up'), rule('b', 'up'), rule('c', 'up', { x: '1' })]);
    from.ending = [series('before')];
    const next = carriedOver(from, [rule('a', 'up'), rule('c', 'up', { x: '2' })], true);
    expect(names(next.ending)).toEqual(['before', 's1', 's2']);
    expect(next.rules.map((one) => one.series.size)).toEqual([1, 0]);
  });

  it('of several rules of one identity the first goes on as the first', () => {
    const twice = [rule('a', 'up'), rule('a', 'down')];
    const next = carriedOver(written(twice), twice.slice(0, 1), true);
    expect(names([...(next.rules[0]?.series.values() ?? [])])).toEqual(['s0']);
    expect(names(next.ending)).toEqual(['s1']);
  });

  it('what was not taken over yet of an earlier process still is to be', () => {
    const from = freshGroup([rule('a', 'up')], false);
    const next = carriedOver(from, [rule('a', 'up > 0'), rule('b', 'up')], true);
    expect(next.rules.map(({ restored }) => restored)).toEqual([false, true]);
  });

  it('alerts go along', () => {
    const from = written([rule('a', 'up')]);
    const alerts: ReadonlyMap<string, Alert> = new Map();
    const [first] = from.rules;
    if (first !== undefined) first.alerts = alerts;
    expect(carriedOver(from, [rule('a', 'up')], true).rules[0]?.alerts).toBe(alerts);
  });
});

it('everySeries has those of all rules and those that were ending', () => {
  const state = written([rule('a', 'up'), rule('b', 'up')]);
  state.ending = [series('e')];
  expect(names(everySeries(state))).toEqual(['e', 's0', 's1']);
});

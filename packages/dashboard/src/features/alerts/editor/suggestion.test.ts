import { describe, expect, it } from 'vitest';
import type { Spell } from './contracts.ts';
import { NEW_DRAFT } from './draft.ts';
import { longestWindow, raisedLimit, suggestedOf, suggestionOf } from './suggestion.ts';

const rule = { ...NEW_DRAFT, alert: 'QueueFull', expr: 'queue_length > 80', for: '5m' };

describe('a suggestion of the statistics', () => {
  it('leads to the rule where its text can answer it', () => {
    const advice = (what: string, seconds: number | null) => ({ what, duration_seconds: seconds });
    expect(suggestionOf(advice('longer_for', 300))).toEqual({ what: 'longer_for', seconds: 300 });
    expect(suggestionOf(advice('delete', null))).toEqual({ what: 'delete', seconds: undefined });
    expect(suggestionOf(advice('reach_people', null))).toBeNull();
  });

  it('is looked at over as long as one back-test can', () => {
    expect(['', '15s', '13s', '12s', '2s', '1s'].map((interval) => longestWindow({ interval }))).toEqual([
      '7d',
      '7d',
      '7d',
      '24h',
      '24h',
      '1h',
    ]);
  });

  it('is filled in: a longer "for" is added to the one there is', () => {
    const longer = suggestedOf(rule, { what: 'longer_for', seconds: 300 });
    expect(longer.draft).toEqual({ ...rule, for: '10m' });
    expect([longer.said, longer.line]).toEqual(['“It holds for” is 10m here instead of 5m.', 'for: 10m']);
    expect(suggestedOf({ ...rule, for: '' }, { what: 'longer_for', seconds: 120 })).toMatchObject({
      draft: { for: '2m' },
      said: '“It holds for” is 2m here instead of firing at once.',
    });
  });

  it('is filled in: an end that waits, no shorter than it did', () => {
    expect(suggestedOf(rule, { what: 'hold_down', seconds: 600 })).toMatchObject({
      draft: { ...rule, keep: '10m' },
      line: 'keep_firing_for: 10m',
    });
    expect(suggestedOf({ ...rule, keep: '1h' }, { what: 'hold_down', seconds: 600 }).draft.keep).toBe('1h');
  });

  it('is filled in: who pages nobody is of severity info', () => {
    expect(suggestedOf(rule, { what: 'delete' }).draft.labels).toEqual([{ name: 'severity', text: 'info' }]);
    expect(suggestedOf({ ...rule, labels: [] }, { what: 'delete' }).draft.labels).toEqual([
      { name: 'severity', text: 'info' },
    ]);
    expect(suggestedOf(rule, { what: 'raise_limit' }).draft).toBe(rule);
  });
});

const firing = (peak: string): Spell => ({
  labels: {},
  annotations: {},
  pending_from: 0,
  firing_from: 0,
  until: 1,
  cut: false,
  value: peak,
  peak,
  told: [],
  held: null,
});
const past = (op: string, value: number, peaks: readonly string[]) => ({
  firings: peaks.map(firing),
  chart: { query: 'q', threshold: { op, value }, language: 'promql' as const },
});

describe('a limit to raise', () => {
  it('is the one that spares half of what fired', () => {
    expect(raisedLimit('queue > 80 ', past('>', 80, ['81', '85.25', '99', '120']))).toEqual({
      expr: 'queue > 86',
      limit: '> 86',
      spares: 2,
      of: 4,
    });
    expect(raisedLimit('a/b >= 0.05', past('>=', 0.05, ['0.0513', '0.0612', '0.09']))).toMatchObject({
      expr: 'a/b >= 0.062',
      spares: 2,
    });
    expect(raisedLimit('a/b >= 0.05', past('>=', 0.05, ['0.05', '0.06', '0.09']))).toMatchObject({
      expr: 'a/b >= 0.061',
      spares: 2,
    });
    expect(raisedLimit('free < 10', past('<', 10, ['9', '7.51', '1']))).toMatchObject({
      expr: 'free < 7.5',
      spares: 2,
    });
  });

  it('is none where little has fired, or the limit does not stand at the end', () => {
    expect(raisedLimit('queue > 80', past('>', 80, ['81', '85']))).toBeNull();
    expect(raisedLimit('queue > 80', past('>', 80, ['+Inf', 'NaN', '85']))).toBeNull();
    expect(raisedLimit('queue > 80 and on() x > 1', past('>', 80, ['81', '85', '90']))).toBeNull();
    expect(
      raisedLimit('queue', { firings: ['1', '2', '3'].map(firing), chart: past('>', 0, []).chart }),
    ).toBeNull();
    expect(raisedLimit('queue > 80', past('>', 80, ['80', '80', '80', '80']))).toBeNull();
  });
});

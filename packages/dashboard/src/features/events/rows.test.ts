import { describe, expect, it } from 'vitest';
import { conditionOf, listOf, type Operator, pathOf, withCondition } from './conditions.ts';
import type { EventEntry } from './contracts.ts';
import { arrived, joined, NO_LIVE, released } from './live-rows.ts';
import { keeps, validateEventsSearch } from './search.ts';

const event = (id: string, more: Partial<EventEntry> = {}): EventEntry => ({
  id,
  timestamp: 0,
  source: 'order',
  event_type: 'request',
  input: {},
  metadata: {},
  status: 'NORMAL',
  severity_score: 0,
  decision: 'CONTINUE',
  reasoning: '',
  issues: [],
  suggestions: [],
  ...more,
});
const ids = (rows: readonly EventEntry[]): string => rows.map(({ id }) => id).join('');

describe('rows of events', () => {
  it('come in above the others, wait while the reader holds the list, and stand there once', () => {
    const first = arrived(NO_LIVE, [event('a'), event('b')], { leftOut: 0, isHeld: false });
    expect(ids(first.shown)).toBe('ba');
    const held = arrived(first, [event('c')], { leftOut: 7, isHeld: true });
    expect([ids(held.shown), ids(held.held), held.leftOut]).toEqual(['ba', 'c', 7]);
    expect(ids(released(held).shown)).toBe('cba');
    const later = arrived(held, [event('d')], { leftOut: 0, isHeld: false });
    expect([ids(later.shown), later.held]).toEqual(['dcba', []]);
    expect(ids(joined(later.shown, [event('a'), event('x')], new Set('ax')))).toBe('dcbax');
    expect(arrived(first, [], { leftOut: 0, isHeld: false })).toBe(first);
  });

  it('are kept by every part of the filter', () => {
    const issue = {
      rule: 'latency',
      field: 'latency',
      value: 1,
      limit: 1,
      message: '',
      weight: 'caution',
      decision: 'RETRY',
    } as const;
    const bad = event('a', { status: 'WARNING', decision: 'RETRY', issues: [issue] });
    const all = {
      status: 'WARNING',
      decision: 'RETRY',
      source: 'order',
      type: 'request',
      rule: 'latency',
    } as const;
    expect(keeps(all, bad)).toBe(true);
    expect(keeps({}, event('b'))).toBe(true);
    for (const other of [
      { status: 'NORMAL' },
      { decision: 'HALT' },
      { source: 'x' },
      { type: 'x' },
      { rule: 'x' },
    ] as const)
      expect(keeps({ ...all, ...other }, bad)).toBe(false);
  });

  it('drop what a bad link says', () => {
    expect(validateEventsSearch({ status: 'BAD', view: 7, source: '', decision: 'HALT', x: 1 })).toEqual({
      decision: 'HALT',
    });
  });
});

describe('conditions of a rule', () => {
  it.each<[string, Operator, string, string]>([
    ['latency', '>', '500', 'data.latency > 500'],
    ['data.latency', '<=', ' 1.5 ', 'data.latency <= 1.5'],
    ['source', '==', 'order', 'source == "order"'],
    ['metadata.region', '!=', 'eu "1"', 'metadata.region != "eu \\"1\\""'],
    ['paid', '==', 'true', 'data.paid == true'],
    ['note', 'contains', '7', 'data.note contains "7"'],
    ['odd name', 'exists', '', 'exists(data["odd name"])'],
    ['order.total', 'missing', '', 'not exists(data.order.total)'],
    ['latency', 'unlike', '', 'abs(zscore("latency")) > 3'],
  ])('%s %s %s', (field, operator, value, expected) => {
    expect(conditionOf(field, operator, value)).toBe(expected);
  });

  it('hold together', () => {
    expect(withCondition(' ', 'a > 1')).toBe('a > 1');
    expect(withCondition('a > 1', 'b > 1')).toBe('a > 1 and b > 1');
    expect(withCondition('a > 1 or c > 1', 'b > 1')).toBe('(a > 1 or c > 1) and b > 1');
    expect([pathOf('database'), pathOf('data'), listOf(' a, ,b ')]).toEqual([
      'data.database',
      'data',
      ['a', 'b'],
    ]);
  });
});

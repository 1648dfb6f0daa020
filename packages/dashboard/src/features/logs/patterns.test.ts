import { describe, expect, it } from 'vitest';
import { goneOf, patternsSchema, rowsOf, scopeOf } from './patterns.ts';
import { NO_FILTERS } from './query.ts';

const T = Date.UTC(2026, 0, 1);
const iso = (minute: number): string => new Date(T + minute * 60_000).toISOString();
const ANSWER = patternsSchema.parse({
  lines: 100,
  total: 2,
  patterns: [
    {
      service: 'order',
      level: 'info',
      pattern: 'order <_> done',
      count: 90,
      minutes: [
        [iso(0), 40],
        [iso(9), 50],
      ],
    },
    { service: 'order', level: 'error', pattern: 'no stock', count: 10, minutes: [[iso(5), 10]] },
  ],
  changes: [
    { kind: 'returned', service: 'order', level: 'error', pattern: 'no stock', at: iso(8) },
    { kind: 'vanished', service: 'order', level: 'error', pattern: 'no stock', at: iso(6) },
    { kind: 'vanished', service: 'order', level: 'info', pattern: 'heartbeat', at: iso(4) },
  ],
  warnings: [],
});

describe('patterns as rows', () => {
  it('puts news first, with share and trend, and names those that have no line any more', () => {
    const rows = rowsOf(ANSWER, { from: T, to: T + 9 * 60_000 + 1, step: 300 });
    expect(rows.map(({ pattern, share, trend, mark }) => ({ pattern, share, trend, mark }))).toEqual([
      { pattern: 'no stock', share: 0.1, trend: [0, 10], mark: 'returned' },
      { pattern: 'order <_> done', share: 0.9, trend: [40, 50], mark: undefined },
    ]);
    expect(goneOf(ANSWER).map(({ pattern }) => pattern)).toEqual(['heartbeat']);
  });

  it('says when a query is more than patterns are counted by', () => {
    const scope = { services: ['a'], levels: ['error'] };
    expect(scopeOf({ ...NO_FILTERS, ...scope })).toEqual({ ...scope, isWhole: true });
    expect(scopeOf({ ...NO_FILTERS, ...scope, text: 'x' }).isWhole).toBe(false);
    expect(scopeOf(null)).toEqual({ services: [], levels: [], isWhole: false });
  });
});

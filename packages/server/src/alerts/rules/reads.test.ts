import { describe, expect, it } from 'vitest';
import { readExpression } from './file/expression.ts';
import { mayRead, metricsRead } from './reads.ts';

describe('metricsRead', () => {
  it.each([
    ['up == 0', ['up']],
    ['sum(rate(a[5m])) / sum(rate(b[5m])) + a', ['a', 'b']],
    ['{__name__=~"a|b", job="x"}', ['a', 'b']],
    ['1 + time()', []],
    ['max_over_time(c[1h:5m] offset 1h)', ['c']],
    ['{job="x"}', null],
    ['{__name__=~"a.*"}', null],
    ['a + {__name__!="b", job="x"}', null],
  ])('%s', (query, names) => {
    const read = metricsRead(readExpression(query, 'promql', {}).parsed);
    expect(read === null ? null : [...read].sort()).toEqual(names);
  });

  it('of an expression over log lines: none', () => {
    const { parsed } = readExpression('count_over_time({app="up"}[5m])', 'logql', {});
    expect(metricsRead(parsed)).toEqual(new Set());
  });
});

it('what cannot be told may read everything that is written, and nothing where nothing is', () => {
  expect(mayRead(null, new Set(['a']))).toBe(true);
  expect(mayRead(null, new Set())).toBe(false);
  expect(mayRead(new Set(['b']), new Set(['a']))).toBe(false);
  expect(mayRead(new Set(['a', 'b']), new Set(['a']))).toBe(true);
});

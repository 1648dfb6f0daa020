import { describe, expect, it } from 'vitest';
import type { Expr } from '../parse/ast.ts';
import { parseExpr } from '../parse/parser.ts';
import { formatExpr } from '../parse/printer.ts';
import { innerGrid } from './grids.ts';
import { findInvariants } from './invariant.ts';
import { resolve } from './resolve.ts';

const ALL = { durationExpressions: true, experimentalFunctions: true };
const grid = { start: 60_000, step: 30_000, count: 5, end: 180_000 };

function resolved(query: string): Expr {
  return resolve(parseExpr(query, ALL), grid);
}

describe('resolve', () => {
  it.each([
    ['x * (1 + 2 * 3)', 'x * 7'],
    ['-(2) ^ 2', '-4'],
    ['1 == bool 2', '0'],
    ['time() + 1 + 2', 'time() + 1 + 2'],
    ['x @ start() + y @ end()', 'x @ 60.000 + y @ 180.000'],
    ['x[step() * 2] offset (range() / 4)', 'x[1m] offset 30s'],
    ['rate(x[min_of(1h, range())])', 'rate(x[2m])'],
  ])('%s', (query, printed) => {
    expect(formatExpr(resolved(query))).toBe(printed);
  });

  it('refuses durations that come out as none', () => {
    expect(() => resolved('x[5m - 5m]')).toThrow('duration must be greater than 0');
    expect(() => resolved('x[5m / 0]')).toThrow('division by zero');
  });
});

describe('invariants', () => {
  const found = (query: string): string[] => [...findInvariants(resolved(query))].map(formatExpr);

  it('are the outermost expressions that @ pins', () => {
    expect(found('sum(rate(x[5m] @ 10)) + y')).toEqual(['sum(rate(x[5m] @ 10.000))']);
    expect(found('x @ 10 + y @ 20')).toEqual(['x @ 10.000 + y @ 20.000']);
    expect(found('max_over_time(x[5m:1m] @ 10)')).toEqual(['max_over_time(x[5m:1m] @ 10.000)']);
  });

  it('are none where the step or its time matters', () => {
    for (const query of [
      'x',
      'timestamp(x)',
      'predict_linear(x[5m] @ 10, 60)',
      'time()',
      'max_over_time(x[5m:1m])',
    ])
      expect(found(query), query).toEqual([]);
  });
});

it('subqueries run at absolute multiples of their step, left-open', () => {
  const subquery = parseExpr('x[50s:10s]');
  if (subquery.kind !== 'subquery') throw new TypeError('no subquery');
  expect(innerGrid(subquery, { start: 10_000, step: 1, count: 1 }, 60_000)).toEqual({
    start: -30_000,
    step: 10_000,
    count: 5,
  });
  const coarse = { ...subquery, step: 0 };
  expect(innerGrid(coarse, { start: 12_000, step: 1, count: 1 }, 60_000)).toEqual({
    start: 0,
    step: 60_000,
    count: 1,
  });
  expect(innerGrid(coarse, { start: 59_000, step: 1, count: 1 }, 60_000)).toMatchObject({ count: 0 });
});

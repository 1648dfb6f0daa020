import { expect, it } from 'vitest';
import { parseExpr } from '../parse/parser.ts';
import { findInvariants } from './invariant.ts';
import { resolve } from './resolve.ts';
import { findShared } from './shared.ts';

const grid = { start: 0, end: 600_000, step: 60_000, count: 11 };

function sharedIn(query: string): string[] {
  const plan = resolve(parseExpr(query), grid);
  return [...findShared(plan, findInvariants(plan)).values()];
}

it.each([
  ['rate(a[1m]) / sum(rate(a[1m]))', ['rate(a[1m])', 'rate(a[1m])']],
  ['rate(a[60s]) + (rate(a[1m])) + rate(a{}[1m] offset 0s)', Array(3).fill('rate(a[1m])')],
  ['rate(a[1m]) + rate(a[2m]) + rate(b[1m]) + irate(a[1m]) + rate(a[1m] offset 1m)', []],
  ['max_over_time(rate(a[1m])[5m:]) + rate(a[1m])', []],
  ['rate(a[1m] @ 60) + rate(a[1m] @ 60)', []],
  ['abs(rate(a[1m])) - abs(rate(a[1m]))', ['abs(rate(a[1m]))', 'rate(a[1m])']],
])('%s', (query, expected) => {
  const found = sharedIn(query);
  expect(new Set(found)).toEqual(new Set(expected));
  if (expected.length > 2) expect(found).toEqual(expected);
});

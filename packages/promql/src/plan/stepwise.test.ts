import { expect, it } from 'vitest';
import { parseExpr } from '../parse/parser.ts';
import { isStepwise } from './stepwise.ts';

const options = { experimentalFunctions: true, durationExpressions: true, extendedRangeSelectors: true };

it.each([
  'sum by (job) (rate(a[5m] offset 1h)) / on (job) b',
  'max_over_time(rate(a[5m])[1h:1m])',
  'topk(3, a) and vector(time())',
  'predict_linear(a[1h], 3600)',
])('%s depends on its step alone', (query) => {
  expect(isStepwise(parseExpr(query, options))).toBe(true);
});

it.each([
  'a @ 100',
  'sum(rate(a[5m] @ end()))',
  'a @ start()',
  'a offset -1m',
  'max_over_time(a[1h:1m] offset -5m)',
  'max_over_time(a[1h:1m] @ 100)',
  'limitk(2, a)',
  'info(a)',
  'rate(a[5m] smoothed)',
  'increase(a[5m] anchored)',
  'a smoothed',
  'rate(a[step() * 2])',
  'a offset step()',
])('%s depends on more', (query) => {
  expect(isStepwise(parseExpr(query, options))).toBe(false);
});

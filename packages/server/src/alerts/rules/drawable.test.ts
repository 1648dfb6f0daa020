import { expect, it } from 'vitest';
import { drawableOf } from './drawable.ts';
import { readExpression } from './file/expression.ts';

it.each([
  ['rate(errors[5m]) > 0.05', 'rate(errors[5m])', '> 0.05'],
  ['0 == up', 'up', '== 0'],
  ['5 < (a)', '(a)', '> 5'],
  ['(a / b >= 1.5 * -(2 + 1)) and on (job) c > 3', 'a / b', '>= -4.5'],
  ['time() - last > 10 * 60', 'time() - last', '> 600'],
  ['a > b', 'a', null],
  ['a < 1 unless b', 'a', '< 1'],
  ['a < 1 or b', 'a < 1 or b', null],
  ['absent(up)', 'absent(up)', null],
  ['a > 2 ^ 3', 'a', null],
])('%s is drawn as %s with %s', (expr, query, line) => {
  const { threshold, ...drawn } = drawableOf(readExpression(expr, 'promql', {}).parsed);
  expect(drawn).toEqual({ query });
  expect(threshold === null ? null : `${threshold.op} ${threshold.value}`).toBe(line);
});

it.each([
  [
    'sum(rate({app="a"} |= "x" [5m])) by (app) > 0.05',
    'sum by (app) (rate({app="a"} |= "x" [5m]))',
    '> 0.05',
  ],
  ['10 * 60 <= count_over_time({app="a"}[1h])', 'count_over_time({app="a"} [1h])', '>= 600'],
  ['(rate({app="a"}[5m]) > 1 and rate({app="b"}[5m]) < 2)', 'rate({app="a"} [5m])', '> 1'],
  ['absent_over_time({app="a"}[5m])', 'absent_over_time({app="a"} [5m])', null],
])('of log lines, %s is drawn as %s with %s', (expr, query, line) => {
  const { threshold, ...drawn } = drawableOf(readExpression(expr, 'logql', {}).parsed);
  expect(drawn).toEqual({ query });
  expect(threshold === null ? null : `${threshold.op} ${threshold.value}`).toBe(line);
});

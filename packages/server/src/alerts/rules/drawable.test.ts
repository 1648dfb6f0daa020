import { parseExpr } from '@pharos/promql';
import { expect, it } from 'vitest';
import { drawableOf } from './drawable.ts';

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
  const { threshold, ...drawn } = drawableOf(parseExpr(expr, {}));
  expect(drawn).toEqual({ query });
  expect(threshold === null ? null : `${threshold.op} ${threshold.value}`).toBe(line);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('anchored and smoothed selectors', async () => {
  await expectScript(`
load 15s
  c_total 1 2 3 4 0 1

eval instant at 50s increase(c_total[30s] anchored)
  {} 2

eval instant at 50s increase(c_total[30s] smoothed)
  {} 1.6666666666666667

eval instant at 75s resets(c_total[30s] anchored)
  {} 1

eval instant at 20s c_total smoothed
  c_total 2.3333333333333335

eval instant at 20s c_total offset 5s smoothed
  c_total 2

eval instant at 20s max_over_time(c_total[1m] smoothed)
  expect fail msg: smoothed modifier can only be used with: delta, increase, rate - not with max_over_time
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('quantile_over_time', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1 2 3 4

eval instant at 3m quantile_over_time(0.5, v[5m])
  expect no_warn
  {x="a"} 2.5

eval instant at 3m quantile_over_time(2, v[5m])
  expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 2 (1:20)
  {x="a"} Inf
`);
});

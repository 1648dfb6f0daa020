import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('quantile', async () => {
  await expectScript(`
load 1m
  v{g="x",i="1"} 1 stale
  v{g="x",i="2"} 3 5
  v{g="y",i="3"} 4 NaN

eval range from 0 to 1m step 1m quantile by (g) (0.5, v)
  {g="x"} 2 5
  {g="y"} 4 NaN

eval instant at 0 quantile(0.5, none)

eval instant at 0 quantile(1.2, v)
  expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 1.2 (1:10)
  {} Inf
`);
});

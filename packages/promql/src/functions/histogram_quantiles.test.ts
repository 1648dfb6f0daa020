import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('histogram_quantiles', async () => {
  await expectScript(`
load 1m
  h_bucket{le="1"} 1
  h_bucket{le="2"} 3
  h_bucket{le="+Inf"} 4

eval instant at 0 histogram_quantiles(h_bucket, "q", 0.5, 0.25)
  {q="0.5"} 1.5
  {q="0.25"} 1

eval instant at 0 histogram_quantiles(h_bucket, "q", 2)
  expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 2 (1:36)
  {q="2"} Inf
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('histogram_quantile', async () => {
  await expectScript(`
load 1m
  h_bucket{le="1"} 1
  h_bucket{le="2"} 3
  h_bucket{le="+Inf"} 4
  bad_bucket{le="x"} 1
  drop_bucket{le="1"} 4
  drop_bucket{le="2"} 3
  drop_bucket{le="+Inf"} 5

eval instant at 0 histogram_quantile(0.5, h_bucket)
  expect no_warn
  expect no_info
  {} 1.5

eval instant at 0 histogram_quantile(0.99, h_bucket)
  {} 2

eval instant at 0 histogram_quantile(1.5, h_bucket)
  expect warn msg: PromQL warning: quantile value should be between 0 and 1, got 1.5 (1:20)
  {} Inf

eval instant at 0 histogram_quantile(0.5, bad_bucket)
  expect warn msg: PromQL warning: bucket label "le" is missing or has a malformed value of "x" for metric name "bad_bucket" (1:25)

eval instant at 0 histogram_quantile(0.5, drop_bucket)
  expect info regex: needed to be fixed for monotonicity .* for metric name "drop_bucket" \\(1:25\\)
  {} 0.625

eval instant at 0 histogram_quantile(0.5, h_bucket{le!="+Inf"})
  {} NaN
`);
});

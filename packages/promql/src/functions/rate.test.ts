import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('rate', async () => {
  await expectScript(`
load 1m
  c_total{x="a"} 0 60 120 30 90
  gauge 1 2 3

eval instant at 2m rate(c_total[2m1s])
  expect no_info
  {x="a"} 0.9917355371900827

# A drop is a reset: 60 + 30 + 60 seen over three minutes.
eval instant at 4m rate(c_total[3m1ms])
  {x="a"} 0.8333333333333334

# Left-open: one sample is none.
eval instant at 1m rate(c_total[1m])

eval instant at 2m rate(gauge[5m])
  expect info msg: PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "gauge" (1:6)
  {} 0.008333333333333333
`);
});

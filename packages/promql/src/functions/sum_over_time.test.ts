import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('sum_over_time', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1 2 _ stale 4

eval range from 0 to 4m step 1m sum_over_time(v[2m])
  {x="a"} 1 3 2 _ 4

clear
load 1m
  w 1e100 1 -1e100

eval instant at 2m sum_over_time(w[5m])
  {} 1
`);
});

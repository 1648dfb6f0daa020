import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('ts_of_first_over_time', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1 2 _ stale 4

eval range from 0 to 4m step 1m ts_of_first_over_time(v[2m])
  {x="a"} 0 0 60 _ 240
`);
});

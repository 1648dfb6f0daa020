import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('present_over_time', async () => {
  await expectScript(`
load 1m
  v{x="a"} 7 7 _ stale 4

eval range from 0 to 4m step 1m present_over_time(v[2m])
  {x="a"} 1 1 1 _ 1
`);
});

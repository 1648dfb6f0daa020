import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('last_over_time', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1 2 _ stale 4

eval range from 0 to 4m step 1m last_over_time(v[2m])
  v{x="a"} 1 2 2 _ 4
`);
});

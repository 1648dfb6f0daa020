import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('stddev_over_time', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1 5 9 9 9

eval range from 0 to 4m step 1m stddev_over_time(v[2m])
  {x="a"} 0 2 2 0 0
`);
});

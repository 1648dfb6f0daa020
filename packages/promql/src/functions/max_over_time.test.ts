import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('max_over_time', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1 3 2 NaN NaN

eval range from 0 to 4m step 1m max_over_time(v[2m])
  {x="a"} 1 3 3 2 NaN
`);
});

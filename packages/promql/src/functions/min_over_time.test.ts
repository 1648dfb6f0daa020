import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('min_over_time', async () => {
  await expectScript(`
load 1m
  v{x="a"} 3 1 2 NaN NaN

eval range from 0 to 4m step 1m min_over_time(v[2m])
  {x="a"} 3 1 1 2 NaN
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('clamp_min', async () => {
  await expectScript(`
load 1m
  v{x="a"} -5 0 5 NaN

eval range from 0 to 3m step 1m clamp_min(v, 1)
  {x="a"} 1 1 5 NaN
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('clamp_max', async () => {
  await expectScript(`
load 1m
  v{x="a"} -5 0 5 NaN

eval range from 0 to 3m step 1m clamp_max(v, 1)
  {x="a"} -5 0 1 NaN
`);
});

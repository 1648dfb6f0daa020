import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('round', async () => {
  await expectScript(`
load 1m
  v{x="a"} 0.5 -0.5 2.44 NaN

eval range from 0 to 3m step 1m round(v)
  {x="a"} 1 0 2 NaN

eval range from 0 to 3m step 1m round(v, 0.1)
  {x="a"} 0.5 -0.5 2.4 NaN
`);
});

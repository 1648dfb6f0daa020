import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('resets', async () => {
  await expectScript(`
load 1m
  c_total{x="a"} 5 6 1 1 0

eval range from 0 to 4m step 1m resets(c_total[3m])
  {x="a"} 0 0 1 1 1
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('irate', async () => {
  await expectScript(`
load 1m
  c_total{x="a"} 0 60 30

eval range from 0 to 2m step 1m irate(c_total[5m])
  {x="a"} _ 1 0.5
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('days_in_month', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1709210096 -1

eval range from 0 to 1m step 1m days_in_month(v)
  {x="a"} 29 31

eval instant at 31d days_in_month()
  {} 28
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('day_of_month', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1709210096 -1

eval range from 0 to 1m step 1m day_of_month(v)
  {x="a"} 29 31

eval instant at 31d day_of_month()
  {} 1
`);
});

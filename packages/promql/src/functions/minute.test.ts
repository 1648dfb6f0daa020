import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('minute', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1709210096 -1

eval range from 0 to 1m step 1m minute(v)
  {x="a"} 34 59

eval instant at 31d minute()
  {} 0
`);
});

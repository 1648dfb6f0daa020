import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('month', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1709210096 -1

eval range from 0 to 1m step 1m month(v)
  {x="a"} 2 12

eval instant at 31d month()
  {} 2
`);
});

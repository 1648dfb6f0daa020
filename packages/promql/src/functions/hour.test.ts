import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('hour', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1709210096 -1

eval range from 0 to 1m step 1m hour(v)
  {x="a"} 12 23

eval instant at 31d hour()
  {} 0
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('year', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1709210096 -1

eval range from 0 to 1m step 1m year(v)
  {x="a"} 2024 1969

eval instant at 31d year()
  {} 1970
`);
});

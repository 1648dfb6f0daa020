import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('changes', async () => {
  await expectScript(`
load 1m
  g{x="a"} 1 1 2 NaN NaN 1

eval range from 0 to 5m step 1m changes(g[10m])
  {x="a"} 0 0 1 2 2 3
`);
});

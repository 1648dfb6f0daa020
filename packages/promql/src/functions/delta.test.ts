import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('delta', async () => {
  await expectScript(`
load 1m
  g{x="a"} 10 4 2

eval instant at 2m delta(g[2m1ms])
  {x="a"} -8.000066666666667
`);
});

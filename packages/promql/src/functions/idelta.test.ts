import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('idelta', async () => {
  await expectScript(`
load 1m
  g{x="a"} 0 60 30

eval range from 0 to 2m step 1m idelta(g[5m])
  {x="a"} _ 60 -30
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('mad_over_time', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1 2 9 4 100

eval instant at 4m mad_over_time(v[10m])
  {x="a"} 3
`);
});

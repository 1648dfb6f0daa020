import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('stdvar_over_time', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1 3 5 5 5

eval range from 0 to 4m step 1m stdvar_over_time(v[2m])
  {x="a"} 0 1 1 0 0
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('clamp', async () => {
  await expectScript(`
load 1m
  v{x="a"} -5 0 5
  low 0 0 6

eval range from 0 to 2m step 1m clamp(v, -1, 1)
  {x="a"} -1 0 1

eval range from 0 to 2m step 1m clamp(v, scalar(low), 4)
  {x="a"} 0 0 _
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('atan', async () => {
  await expectScript(`
load 1m
  v{x="0"} 0
  v{x="1"} 1
  v{x="2"} Inf

eval instant at 0m atan(v)
  {x="0"} 0
  {x="1"} 0.7853981633974483
  {x="2"} 1.5707963267948966

eval instant at 0m atan(none)
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('acos', async () => {
  await expectScript(`
load 1m
  v{x="0"} 1
  v{x="1"} 0
  v{x="2"} 2

eval instant at 0m acos(v)
  {x="0"} 0
  {x="1"} 1.5707963267948966
  {x="2"} NaN

eval instant at 0m acos(none)
`);
});

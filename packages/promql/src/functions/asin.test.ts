import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('asin', async () => {
  await expectScript(`
load 1m
  v{x="0"} 0
  v{x="1"} 1
  v{x="2"} 2

eval instant at 0m asin(v)
  {x="0"} 0
  {x="1"} 1.5707963267948966
  {x="2"} NaN

eval instant at 0m asin(none)
`);
});

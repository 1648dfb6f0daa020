import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('abs', async () => {
  await expectScript(`
load 1m
  v{x="0"} -2
  v{x="1"} 3
  v{x="2"} NaN
  v{x="3"} -Inf

eval instant at 0m abs(v)
  {x="0"} 2
  {x="1"} 3
  {x="2"} NaN
  {x="3"} Inf

eval instant at 0m abs(none)
`);
});

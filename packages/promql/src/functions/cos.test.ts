import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('cos', async () => {
  await expectScript(`
load 1m
  v{x="0"} 0
  v{x="1"} 3.141592653589793
  v{x="2"} Inf

eval instant at 0m cos(v)
  {x="0"} 1
  {x="1"} -1
  {x="2"} NaN

eval instant at 0m cos(none)
`);
});

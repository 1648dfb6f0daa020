import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('sgn', async () => {
  await expectScript(`
load 1m
  v{x="0"} -7
  v{x="1"} 7
  v{x="2"} 0
  v{x="3"} NaN

eval instant at 0m sgn(v)
  {x="0"} -1
  {x="1"} 1
  {x="2"} 0
  {x="3"} NaN

eval instant at 0m sgn(none)
`);
});

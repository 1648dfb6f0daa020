import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('ceil', async () => {
  await expectScript(`
load 1m
  v{x="0"} 1.2
  v{x="1"} -1.2
  v{x="2"} NaN

eval instant at 0m ceil(v)
  {x="0"} 2
  {x="1"} -1
  {x="2"} NaN

eval instant at 0m ceil(none)
`);
});

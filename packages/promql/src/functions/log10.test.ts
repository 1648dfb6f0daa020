import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('log10', async () => {
  await expectScript(`
load 1m
  v{x="0"} 1000
  v{x="1"} 0
  v{x="2"} -1

eval instant at 0m log10(v)
  {x="0"} 3
  {x="1"} -Inf
  {x="2"} NaN

eval instant at 0m log10(none)
`);
});

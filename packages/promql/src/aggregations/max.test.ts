import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('max', async () => {
  await expectScript(`
load 1m
  v{g="x",i="1"} 1 stale
  v{g="x",i="2"} 3 5
  v{g="y",i="3"} 4 NaN

eval range from 0 to 1m step 1m max by (g) (v)
  {g="x"} 3 5
  {g="y"} 4 NaN

eval instant at 0 max(none)

eval instant at 1m max(v)
  {} 5
`);
});

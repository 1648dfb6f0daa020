import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('group', async () => {
  await expectScript(`
load 1m
  v{g="x",i="1"} 1 stale
  v{g="x",i="2"} 3 5
  v{g="y",i="3"} 4 NaN

eval range from 0 to 1m step 1m group by (g) (v)
  {g="x"} 1 1
  {g="y"} 1 1

eval instant at 0 group(none)
`);
});

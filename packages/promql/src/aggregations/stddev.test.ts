import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('stddev', async () => {
  await expectScript(`
load 1m
  v{g="x",i="1"} 1 stale
  v{g="x",i="2"} 3 5
  v{g="y",i="3"} 4 NaN

eval range from 0 to 1m step 1m stddev by (g) (v)
  {g="x"} 1 0
  {g="y"} 0 NaN

eval instant at 0 stddev(none)
`);
});

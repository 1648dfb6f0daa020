import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('avg', async () => {
  await expectScript(`
load 1m
  v{g="x",i="1"} 1 stale
  v{g="x",i="2"} 3 5
  v{g="y",i="3"} 4 NaN

eval range from 0 to 1m step 1m avg by (g) (v)
  {g="x"} 2 5
  {g="y"} 4 NaN

eval instant at 0 avg(none)

clear
load 1m
  w{i="1"} 1.7e308
  w{i="2"} 1.7e308
  w{i="3"} 1.7e308

eval instant at 0 avg(w)
  {} 1.7e308
`);
});

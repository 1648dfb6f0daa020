import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('sum', async () => {
  await expectScript(`
load 1m
  v{g="x",i="1"} 1 stale
  v{g="x",i="2"} 3 5
  v{g="y",i="3"} 4 NaN

eval range from 0 to 1m step 1m sum by (g) (v)
  {g="x"} 4 5
  {g="y"} 4 NaN

eval instant at 0 sum(none)

eval instant at 0 sum without (i) (v)
  {g="x"} 4
  {g="y"} 4

eval instant at 0 sum(v)
  {} 8

clear
load 1m
  w{i="1"} 1e100
  w{i="2"} 1
  w{i="3"} -1e100

eval instant at 0 sum(w)
  {} 1
`);
});

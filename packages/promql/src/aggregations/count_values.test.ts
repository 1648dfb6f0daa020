import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('count_values', async () => {
  await expectScript(`
load 1m
  v{g="x",i="1"} 1 stale
  v{g="x",i="2"} 3 5
  v{g="y",i="3"} 4 NaN

eval instant at 0 count_values("val", v)
  {val="1"} 1
  {val="3"} 1
  {val="4"} 1

eval range from 0 to 1m step 1m count_values by (g) ("val", v > 2)
  {g="x",val="3"} 1 _
  {g="x",val="5"} _ 1
  {g="y",val="4"} 1 _

eval instant at 0 count_values("", v)
  expect fail msg: invalid label name ""
`);
});

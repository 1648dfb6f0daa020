import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('topk', async () => {
  await expectScript(`
load 1m
  v{g="x",i="1"} 1 stale
  v{g="x",i="2"} 3 5
  v{g="y",i="3"} 4 NaN

eval_ordered instant at 0 topk(2, v)
  v{g="y",i="3"} 4
  v{g="x",i="2"} 3

eval range from 0 to 1m step 1m topk by (g) (1, v)
  v{g="x",i="2"} 3 5
  v{g="y",i="3"} 4 NaN

eval instant at 1m topk(1, v)
  v{g="x",i="2"} 5

eval instant at 0 topk(0, v)

eval instant at 0 topk(NaN, v)
  expect fail msg: Parameter value is NaN

clear
load 1m
  w{i="1"} 1+1x10
  w{i="2"} 5

eval range from 4m to 6m step 1m topk(1, w)
  w{i="1"} 5 6 7
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('sort', async () => {
  await expectScript(`
load 1m
  v{x="a"} 3
  v{x="b"} NaN
  v{x="c"} 1

eval_ordered instant at 0 sort(v)
  v{x="c"} 1
  v{x="a"} 3
  v{x="b"} NaN

eval range from 0 to 1m step 1m sort(v{x="a"})
  expect warn msg: PromQL warning: sort is ineffective for range queries since results are always ordered by labels (1:1)
  v{x="a"} 3 3
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('bottomk', async () => {
  await expectScript(`
load 1m
  v{g="x",i="1"} 1 stale
  v{g="x",i="2"} 3 5
  v{g="y",i="3"} 4 NaN

eval_ordered instant at 0 bottomk(2, v)
  v{g="x",i="1"} 1
  v{g="x",i="2"} 3

eval instant at 1m bottomk(1, v)
  v{g="x",i="2"} 5
`);
});

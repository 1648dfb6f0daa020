import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('sort_desc', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1
  v{x="b"} NaN
  v{x="c"} 3

eval_ordered instant at 0 sort_desc(v)
  v{x="c"} 3
  v{x="a"} 1
  v{x="b"} NaN
`);
});

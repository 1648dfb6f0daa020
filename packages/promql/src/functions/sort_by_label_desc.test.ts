import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('sort_by_label_desc', async () => {
  await expectScript(`
load 1m
  v{x="cpu2"} 2
  v 3
  v{x="cpu10"} 1

eval_ordered instant at 0 sort_by_label_desc(v, "x")
  v{x="cpu10"} 1
  v{x="cpu2"} 2
  v 3
`);
});

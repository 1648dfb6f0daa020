import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('sort_by_label', async () => {
  await expectScript(`
load 1m
  v{x="cpu10"} 1
  v{x="cpu2"} 2
  v 3

eval_ordered instant at 0 sort_by_label(v, "x")
  v 3
  v{x="cpu2"} 2
  v{x="cpu10"} 1
`);
});

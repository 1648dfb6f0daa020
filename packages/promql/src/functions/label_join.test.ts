import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('label_join', async () => {
  await expectScript(`
load 1m
  v{a="1",b="2"} 1

eval instant at 0 label_join(v, "c", "-", "a", "none", "b")
  v{a="1",b="2",c="1--2"} 1

eval instant at 0 label_join(v, "a", "-")
  v{b="2"} 1
`);
});

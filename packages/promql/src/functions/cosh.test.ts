import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('cosh', async () => {
  await expectScript(`
load 1m
  v{x="0"} 0
  v{x="1"} 1

eval instant at 0m cosh(v)
  {x="0"} 1
  {x="1"} 1.5430806348152437

eval instant at 0m cosh(none)
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('sin', async () => {
  await expectScript(`
load 1m
  v{x="0"} 0
  v{x="1"} 1.5707963267948966

eval instant at 0m sin(v)
  {x="0"} 0
  {x="1"} 1

eval instant at 0m sin(none)
`);
});

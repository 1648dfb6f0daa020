import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('deg', async () => {
  await expectScript(`
load 1m
  v{x="0"} 3.141592653589793
  v{x="1"} -1.5707963267948966

eval instant at 0m deg(v)
  {x="0"} 180
  {x="1"} -90

eval instant at 0m deg(none)
`);
});

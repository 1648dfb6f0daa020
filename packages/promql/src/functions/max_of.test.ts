import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('max_of', async () => {
  await expectScript(`
eval instant at 0 max_of(1, 2)
  2

eval instant at 0 max_of(1, NaN)
  NaN
`);
});

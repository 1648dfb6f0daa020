import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('min_of', async () => {
  await expectScript(`
eval instant at 0 min_of(1, 2)
  1

eval instant at 0 min_of(NaN, 2)
  NaN
`);
});

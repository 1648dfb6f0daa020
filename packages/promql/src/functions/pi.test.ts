import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('pi', async () => {
  await expectScript(`
eval instant at 0 pi()
  3.141592653589793
`);
});

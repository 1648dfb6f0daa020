import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('vector', async () => {
  await expectScript(`
eval instant at 0 vector(5)
  {} 5

eval range from 0 to 1m step 1m vector(time())
  {} 0 60
`);
});

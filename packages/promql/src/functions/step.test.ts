import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('step', async () => {
  await expectScript(`
eval range from 1m to 3m step 1m step()
  {} 60 60 60

eval instant at 5m step()
  0
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('time', async () => {
  await expectScript(`
eval instant at 1m30s time()
  90

eval range from 0 to 1m step 30s time()
  {} 0 30 60
`);
});

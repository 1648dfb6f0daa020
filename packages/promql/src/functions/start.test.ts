import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('start', async () => {
  await expectScript(`
eval range from 1m to 3m step 1m start()
  {} 60 60 60
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('end', async () => {
  await expectScript(`
eval range from 1m to 3m step 1m end()
  {} 180 180 180

eval range from 1m to 2m30s step 1m end()
  {} 150 150
`);
});

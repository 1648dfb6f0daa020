import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('range', async () => {
  await expectScript(`
eval range from 1m to 3m step 1m range()
  {} 120 120 120

eval instant at 5m range()
  0
`);
});

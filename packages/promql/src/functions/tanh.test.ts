import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('tanh', async () => {
  await expectScript(`
load 1m
  v{x="0"} 0
  v{x="1"} Inf

eval instant at 0m tanh(v)
  {x="0"} 0
  {x="1"} 1

eval instant at 0m tanh(none)
`);
});

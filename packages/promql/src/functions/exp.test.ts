import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('exp', async () => {
  await expectScript(`
load 1m
  v{x="0"} 0
  v{x="1"} 1
  v{x="2"} -Inf

eval instant at 0m exp(v)
  {x="0"} 1
  {x="1"} 2.718281828459045
  {x="2"} 0

eval instant at 0m exp(none)
`);
});

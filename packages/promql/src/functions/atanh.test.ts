import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('atanh', async () => {
  await expectScript(`
load 1m
  v{x="0"} 0
  v{x="1"} 0.5
  v{x="2"} 1

eval instant at 0m atanh(v)
  {x="0"} 0
  {x="1"} 0.5493061443340548
  {x="2"} Inf

eval instant at 0m atanh(none)
`);
});

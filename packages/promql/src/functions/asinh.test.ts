import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('asinh', async () => {
  await expectScript(`
load 1m
  v{x="0"} 0
  v{x="1"} 1

eval instant at 0m asinh(v)
  {x="0"} 0
  {x="1"} 0.881373587019543

eval instant at 0m asinh(none)
`);
});

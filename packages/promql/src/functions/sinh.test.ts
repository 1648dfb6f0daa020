import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('sinh', async () => {
  await expectScript(`
load 1m
  v{x="0"} 0
  v{x="1"} 1

eval instant at 0m sinh(v)
  {x="0"} 0
  {x="1"} 1.1752011936438014

eval instant at 0m sinh(none)
`);
});

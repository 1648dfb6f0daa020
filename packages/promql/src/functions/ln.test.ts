import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('ln', async () => {
  await expectScript(`
load 1m
  v{x="0"} 1
  v{x="1"} 0
  v{x="2"} -1

eval instant at 0m ln(v)
  {x="0"} 0
  {x="1"} -Inf
  {x="2"} NaN

eval instant at 0m ln(none)
`);
});

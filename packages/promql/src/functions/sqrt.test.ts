import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('sqrt', async () => {
  await expectScript(`
load 1m
  v{x="0"} 9
  v{x="1"} -1

eval instant at 0m sqrt(v)
  {x="0"} 3
  {x="1"} NaN

eval instant at 0m sqrt(none)
`);
});

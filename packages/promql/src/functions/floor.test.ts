import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('floor', async () => {
  await expectScript(`
load 1m
  v{x="0"} 1.8
  v{x="1"} -1.2

eval instant at 0m floor(v)
  {x="0"} 1
  {x="1"} -2

eval instant at 0m floor(none)
`);
});

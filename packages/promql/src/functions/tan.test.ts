import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('tan', async () => {
  await expectScript(`
load 1m
  v{x="0"} 0
  v{x="1"} 0.7853981633974483

eval instant at 0m tan(v)
  {x="0"} 0
  {x="1"} 1

eval instant at 0m tan(none)
`);
});

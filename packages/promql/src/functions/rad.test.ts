import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('rad', async () => {
  await expectScript(`
load 1m
  v{x="0"} 180

eval instant at 0m rad(v)
  {x="0"} 3.141592653589793

eval instant at 0m rad(none)
`);
});

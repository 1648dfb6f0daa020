import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('acosh', async () => {
  await expectScript(`
load 1m
  v{x="0"} 1
  v{x="1"} 2
  v{x="2"} 0

eval instant at 0m acosh(v)
  {x="0"} 0
  {x="1"} 1.3169578969248166
  {x="2"} NaN

eval instant at 0m acosh(none)
`);
});

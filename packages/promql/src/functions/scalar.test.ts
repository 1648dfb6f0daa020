import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('scalar', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1 2 _
  v{x="b"} _ 3 stale

eval range from 0 to 2m step 1m scalar(v)
  {} 1 NaN 2

eval instant at 0 scalar(none)
  NaN
`);
});

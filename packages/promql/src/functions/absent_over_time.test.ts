import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('absent_over_time', async () => {
  await expectScript(`
load 1m
  v{x="a"} 1 stale

eval range from 0 to 2m step 1m absent_over_time(v{x="a"}[1m])
  {x="a"} _ 1 1
`);
});

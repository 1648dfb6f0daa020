import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('limitk', async () => {
  await expectScript(`
load 1m
  v{g="x",i="1"} 1 stale
  v{g="x",i="2"} 3 5
  v{g="y",i="3"} 4 NaN

eval instant at 0 count(limitk(2, v))
  {} 2

eval instant at 0 count by (g) (limitk by (g) (1, v))
  {g="x"} 1
  {g="y"} 1

eval instant at 0 limitk(0, v)
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('double_exponential_smoothing', async () => {
  await expectScript(`
load 1m
  v{x="a"} 10 20 30 40

eval instant at 3m double_exponential_smoothing(v[10m], 0.5, 0.5)
  {x="a"} 40

eval instant at 3m double_exponential_smoothing(v[10m], 0, 0.5)
  expect fail msg: invalid smoothing factor. Expected: 0 < sf < 1, got: 0.000000

eval instant at 3m double_exponential_smoothing(v[10m], 0.5, 1)
  expect fail msg: invalid trend factor. Expected: 0 < tf < 1, got: 1.000000
`);
});

import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('predict_linear', async () => {
  await expectScript(`
load 1m
  v{x="a"} 0 60 120

eval instant at 2m predict_linear(v[5m], 60)
  {x="a"} 180

# From the time of the evaluation, not of the last sample.
eval instant at 3m predict_linear(v[5m], 60)
  {x="a"} 240
`);
});

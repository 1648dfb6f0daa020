import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('histogram_fraction', async () => {
  await expectScript(`
load 1m
  h_bucket{le="1"} 1
  h_bucket{le="2"} 3
  h_bucket{le="+Inf"} 4

eval instant at 0 histogram_fraction(0, 1.5, h_bucket)
  {} 0.5

eval instant at 0 histogram_fraction(-Inf, Inf, h_bucket)
  {} 1

eval instant at 0 histogram_fraction(2, 1, h_bucket)
  {} 0
`);
});

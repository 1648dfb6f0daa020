import { it } from 'vitest';
import { expectScript } from '../testing/expect-script.ts';

it('increase', async () => {
  await expectScript(`
load 1m
  c_total{x="a"} 10 70 130 40

# 120 over two minutes, extended by half an interval on the left (the edge is far) but not below zero.
eval instant at 2m increase(c_total[10m])
  {x="a"} 130

eval instant at 3m increase(c_total[2m1ms])
  {x="a"} 100.00083333333332
`);
});

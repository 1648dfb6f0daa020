import { describe, expect, it } from 'vitest';
import { createQueryEngine } from '../engine.ts';
import { PROMQLTEST_OPTIONS, runPromqltest } from '../testing/promqltest.ts';

const LOAD = `
load 5m
  a_total{env="1"} 0 60 120
  b_total{env="1"} 0 600 1200
  b_total{env="2"} 0 6 12
`;

describe('names removed at the end', () => {
  it('keeps series of different names apart until then', async () => {
    const result = await runPromqltest(`${LOAD}
eval instant at 10m sum by (env) (rate({__name__=~".*_total",env="1"}[11m]))
  {env="1"} 2

eval instant at 10m label_replace(rate({env="1"}[11m]), "__name__", "rate_$1", "__name__", "(.+)")
  rate_a_total{env="1"} 0.18181818181818182
  rate_b_total{env="1"} 1.8181818181818181

eval instant at 10m topk(10, sum by (__name__, env) (a_total))
  a_total{env="1"} 120

eval instant at 10m topk(10, sum by (__name__, env) (rate(a_total[11m])))
  {env="1"} 0.18181818181818182

eval instant at 10m rate({env="1"}[11m])
  expect fail msg: vector cannot contain metrics with the same labelset

eval instant at 10m -{env="1"}
  expect fail msg: vector cannot contain metrics with the same labelset
`);
    expect(result.failed).toEqual([]);
    expect(result.passed).toBe(6);
  });
});

describe('names removed at once', () => {
  it('fails where two names make one label set, whatever surrounds it', async () => {
    const engine = createQueryEngine({ options: { ...PROMQLTEST_OPTIONS, delayedNameRemoval: false } });
    const result = await runPromqltest(
      `${LOAD}
eval instant at 10m sum by (env) (rate({__name__=~".*_total"}[11m]))
  expect fail msg: vector cannot contain metrics with the same labelset

eval instant at 10m sum by (__name__) (abs(a_total))
  {} 120

eval instant at 10m abs({env="2"})
  {env="2"} 12
`,
      { engine },
    );
    expect(result.failed).toEqual([]);
    expect(result.passed).toBe(3);
  });
});

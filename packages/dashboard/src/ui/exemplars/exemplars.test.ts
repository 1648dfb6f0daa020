import { describe, expect, it } from 'vitest';
import { dotsOf, exemplarsSchema } from './exemplars.ts';

const answer = (count: number, labels: Record<string, string>) =>
  exemplarsSchema.parse({
    status: 'success',
    data: [
      {
        seriesLabels: { __name__: 'x_bucket', le: '1' },
        exemplars: Array.from({ length: count }, (_, index) => ({
          labels,
          value: '0.5',
          timestamp: 10 + index,
        })),
      },
    ],
  });

describe('exemplars as dots', () => {
  it('carry value, time in milliseconds and trace, newest first', () => {
    const dots = dotsOf(answer(2, { traceID: 'abc' }));
    expect(dots.map(({ at }) => at)).toEqual([11_000, 10_000]);
    expect(dots[0]).toMatchObject({ value: 0.5, trace: 'abc', series: { le: '1' } });
  });

  it('know when there is no trace', () => {
    expect(dotsOf(answer(1, { user: 'x' }))[0]?.trace).toBeNull();
  });

  it('are thinned evenly when there are too many', () => {
    const dots = dotsOf(answer(2000, {}));
    expect(dots).toHaveLength(500);
    expect((dots[0]?.at ?? 0) - (dots.at(-1)?.at ?? 0)).toBeGreaterThan(1_900_000);
  });
});

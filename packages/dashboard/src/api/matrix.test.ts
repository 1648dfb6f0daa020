import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMatrix, rowOf, seriesName } from './matrix.ts';

const answer = (result: unknown) => ({ status: 'success', data: { resultType: 'matrix', result } });

describe('a matrix answer', () => {
  it('becomes rows over the grid asked for, gaps as NaN', () => {
    const matrix = parseMatrix(
      answer([
        {
          metric: { method: 'GET', route: '/a' },
          values: [
            [10, '1'],
            [30, 'NaN'],
          ],
        },
        {
          metric: {},
          values: [
            [20, '+Inf'],
            [99, '5'],
          ],
        },
      ]),
      10,
      30,
      10,
    )!;
    expect([...matrix.times]).toEqual([10, 20, 30]);
    expect(matrix.names).toEqual(['GET /a', 'all']);
    expect([...rowOf(matrix, 0)]).toEqual([1, Number.NaN, Number.NaN]);
    expect([...rowOf(matrix, 1)]).toEqual([Number.NaN, Number.POSITIVE_INFINITY, Number.NaN]);
  });

  it('names series by endpoint or labels, also hostile ones', () => {
    expect(seriesName({ __name__: 'up', job: 'order' })).toBe('up{job="order"}');
    expect(seriesName(JSON.parse('{"__proto__":"x"}') as Record<string, unknown>)).toContain('x');
  });

  it('refuses anything else', () => {
    for (const body of [
      null,
      1,
      [],
      {},
      answer(null),
      answer([null]),
      answer([{ values: [1] }]),
      { data: { resultType: 'vector', result: [] } },
    ]) {
      expect(parseMatrix(body, 0, 10, 5)).toBeNull();
    }
  });

  it('never throws on any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        parseMatrix(answer(body), 0, 100, 5);
      }),
    );
  });
});

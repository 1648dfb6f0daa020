import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMatrix, rowOf, selectorName, seriesName } from './matrix.ts';

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
      { start: 10, end: 30, step: 10 },
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

  it('names series as the selector that finds them, when asked to', () => {
    expect(selectorName({ __name__: 'up', job: 'a"b', method: 'GET' })).toBe('up{job="a\\"b", method="GET"}');
    expect(selectorName({})).toBe('{}');
  });

  it('draws native histograms as their median, p95 and p99, beside floats of the same series', () => {
    const histogram = {
      count: '20',
      sum: '1',
      buckets: [
        [0, '1', '2', '10'],
        [0, '2', '4', '10'],
      ],
    };
    const matrix = parseMatrix(
      answer([{ metric: { __name__: 'h' }, histograms: [[10, histogram]], values: [[20, '7']] }]),
      { start: 10, end: 20, step: 10 },
    )!;
    expect(matrix.histograms).toBe(1);
    expect(matrix.names).toEqual(['h', 'h{quantile="0.5"}', 'h{quantile="0.95"}', 'h{quantile="0.99"}']);
    expect([...rowOf(matrix, 0)]).toEqual([Number.NaN, 7]);
    expect([...rowOf(matrix, 1)]).toEqual([2, Number.NaN]);
    expect(rowOf(matrix, 2)[0]).toBeCloseTo(2 * 2 ** 0.9, 9);
  });

  it('counts the figures of each series: last, least, mean, greatest', () => {
    const matrix = parseMatrix(
      answer([
        {
          metric: { n: '1' },
          values: [
            [0, '4'],
            [2, '1'],
          ],
        },
        { metric: { n: '2' }, values: [] },
      ]),
      { start: 0, end: 2, step: 1 },
    )!;
    expect([...matrix.figures.subarray(0, 4)]).toEqual([1, 1, 2.5, 4]);
    expect([...matrix.figures.subarray(4)].every(Number.isNaN)).toBe(true);
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
      expect(parseMatrix(body, { start: 0, end: 10, step: 5 })).toBeNull();
    }
  });

  it('never throws on any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        parseMatrix(answer(body), { start: 0, end: 100, step: 5 });
      }),
    );
  });
});

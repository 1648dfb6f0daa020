import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrame, rowOf, seriesName } from './frame.ts';

const ask = {
  ref: 'A',
  start: 0,
  end: 20,
  step: 10,
  legend: '{{job}}',
  limit: 2,
  search: '',
  histograms: 'quantiles',
} as const;
const matrix = (...series: [job: string, ...values: [number, string][]][]) => ({
  status: 'success',
  data: { resultType: 'matrix', result: series.map(([job, ...values]) => ({ metric: { job }, values })) },
});

describe('answers of queries', () => {
  it('stand on the grid that was asked for; gaps stay gaps', () => {
    const frame = readFrame(matrix(['a', [0, '1'], [20, '+Inf']]), ask);
    expect([...frame!.times, frame!.names, [...rowOf(frame!, 0)]]).toEqual([
      0,
      10,
      20,
      ['a'],
      [1, Number.NaN, Number.POSITIVE_INFINITY],
    ]);
  });

  it('are cut to the largest last values, with the number there were', () => {
    const body = matrix(['a', [20, '1']], ['b', [20, '3']], ['c', [20, '2']], ['cc', [20, 'NaN']]);
    expect(readFrame(body, ask)).toMatchObject({ names: ['b', 'c'], total: 4 });
    expect(readFrame(body, { ...ask, search: 'C' })).toMatchObject({ names: ['c', 'cc'], total: 2 });
  });

  it('may be vectors and scalars of one instant', () => {
    const vector = {
      data: { resultType: 'vector', result: [{ metric: { job: 'x' }, value: [20, '5'] }] },
      warnings: ['w'],
    };
    expect(readFrame(vector, { ...ask, step: 0 })).toMatchObject({
      names: ['x'],
      warnings: ['w'],
      times: Float64Array.of(20),
    });
    expect([
      ...rowOf(
        readFrame({ data: { resultType: 'scalar', result: [20, '7'] } }, { ...ask, step: 0, legend: '' })!,
        0,
      ),
    ]).toEqual([7]);
    expect(readFrame({ data: { resultType: 'string', result: [20, 'x'] } }, ask)).toBeNull();
  });

  it('draw native histograms as quantiles, or add them up as running buckets', () => {
    const histogram = (count: string) => ({
      buckets: [
        [0, '1', '2', count],
        [0, '2', '4', count],
      ],
    });
    const body = {
      data: {
        resultType: 'matrix',
        result: ['a', 'b'].map((job) => ({
          metric: { job },
          histograms: [
            [0, histogram('1')],
            [20, histogram('5')],
          ],
        })),
      },
    };
    const lines = readFrame(body, { ...ask, limit: 9 });
    expect(lines?.names.slice(0, 3)).toEqual(['a p50', 'a p95', 'a p99']);
    expect(lines?.labels[0]).toEqual({ job: 'a', quantile: '0.5' });
    expect([...rowOf(lines!, 0)]).toEqual([2, Number.NaN, 2]);
    const rows = readFrame(body, { ...ask, histograms: 'buckets' });
    expect(rows?.labels).toEqual([{ le: '2' }, { le: '4' }]);
    expect([...rowOf(rows!, 1)]).toEqual([4, Number.NaN, 20]);
  });

  it('are called by their legend, or by their labels', () => {
    expect(seriesName({ __name__: 'up', job: 'a' }, '')).toBe('up{job="a"}');
    expect(seriesName({ job: 'a' }, 'on {{ job }}{{gone}}')).toBe('on a');
    expect(seriesName({}, '')).toBe('value');
  });

  it('are read without a throw, whatever they are', () => {
    fc.assert(fc.property(fc.jsonValue(), (data) => readFrame({ data }, ask) === null || true));
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        (result) => readFrame({ data: { resultType: 'matrix', result } }, ask) !== undefined,
      ),
    );
  });
});

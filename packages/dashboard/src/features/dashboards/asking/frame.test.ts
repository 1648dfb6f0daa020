import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFrame, rowOf, seriesName } from './frame.ts';

const ask = { ref: 'A', start: 0, end: 20, step: 10, legend: '{{job}}', limit: 2, search: '' };
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

import { describe, expect, it } from 'vitest';
import { parseVector } from './vector.ts';

const answer = (resultType: string, result: unknown) => ({ status: 'success', data: { resultType, result } });

describe('answers of an instant query', () => {
  it('keeps values as they were written', () => {
    const vector = parseVector(
      answer('vector', [
        { metric: { __name__: 'up', job: 'a' }, value: [10.5, '1'] },
        { metric: {}, value: [10.5, '0.30000000000000004'] },
        { metric: { x: 'y' }, value: [10.5, '+Inf'] },
      ]),
    );
    expect(vector).toMatchObject({
      type: 'vector',
      times: [10.5, 10.5, 10.5],
      values: ['1', '0.30000000000000004', '+Inf'],
      labels: ['{"__name__":"up","job":"a"}', '{}', '{"x":"y"}'],
    });
  });

  it('reads scalars and strings', () => {
    expect(parseVector(answer('scalar', [1, '42']))).toMatchObject({ type: 'scalar', values: ['42'] });
    expect(parseVector(answer('string', [1, 'text']))).toMatchObject({ type: 'string', values: ['text'] });
  });

  it('shows the last of a range selector and how many there are', () => {
    const values = [
      [1, '5'],
      [2, '6'],
    ];
    expect(parseVector(answer('matrix', [{ metric: {}, values }]))).toMatchObject({
      type: 'matrix',
      times: [2],
      values: ['6'],
      samples: [2],
    });
  });

  it('reads native histograms', () => {
    const histogram = { count: '3', sum: '4.5', buckets: [[0, '1', '2', '3']] };
    const vector = parseVector(answer('vector', [{ metric: { __name__: 'h' }, histogram: [1, histogram] }]));
    expect(vector?.values).toEqual(['']);
    expect(vector?.histograms.get(0)).toEqual({
      count: '3',
      sum: '4.5',
      buckets: [{ low: '1', high: '2', count: '3' }],
    });
  });

  it.each([
    [null],
    [{}],
    [{ data: {} }],
    [answer('vector', {})],
    [answer('vector', [1])],
    [answer('other', [])],
    [answer('vector', [{ metric: {} }])],
  ])('is none in %j', (body) => {
    expect(parseVector(body)).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { parseMatrix, selectorName } from '../../api/matrix.ts';
import { rowsAbout, spansOf } from './spans.ts';

describe('spansOf', () => {
  it('reads when an alert was pending and fired; a hole parts two spans', () => {
    const series = (alertstate: string, at: readonly number[]) => ({
      metric: { __name__: 'ALERTS', alertname: 'Down', alertstate },
      values: at.map((time) => [time, '1']),
    });
    const body = {
      data: { resultType: 'matrix', result: [series('firing', [120, 180, 300]), series('pending', [60])] },
    };
    const matrix = parseMatrix(body, { start: 0, end: 300, step: 60 }, selectorName);
    if (matrix === null) throw new Error('no matrix');
    expect(spansOf(matrix).map(({ state, from, to }) => `${state} ${from / 1000}-${to / 1000}`)).toEqual([
      'pending 60-120',
      'firing 120-240',
      'firing 300-360',
    ]);
  });
});

describe('rowsAbout', () => {
  const names = ['up{job="a", host="x\\"y"}', 'up{job="b"}', '{}'];

  it('keeps series whose labels are the alert’s', () => {
    expect(rowsAbout(names, { job: 'a', severity: 'page' })).toEqual([0, 2]);
    expect(rowsAbout(names.slice(0, 2), { job: 'a', host: 'z' })).toEqual([0, 1]);
  });
});

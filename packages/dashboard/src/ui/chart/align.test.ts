import { describe, expect, it } from 'vitest';
import { alignSeries } from './align.ts';

describe('series over common instants', () => {
  it('passes equal grids through', () => {
    const values = [1, null, 3];
    const { times, rows } = alignSeries([
      { name: 'a', data: { start: 10_000, step: 5, values } },
      { name: 'b', data: { start: 10_000, step: 5, values: [4, 5, 6] } },
    ]);
    expect(times).toEqual([10, 15, 20]);
    expect(rows[0]!.values).toBe(values);
  });

  it('leaves gaps where a series starts later or steps wider', () => {
    const { times, rows } = alignSeries([
      { name: 'a', data: { start: 0, step: 5, values: [1, 2, 3, 4] } },
      { name: 'b', data: { start: 5000, step: 10, values: [7, 8] } },
    ]);
    expect(times).toEqual([0, 5, 10, 15]);
    expect(rows[1]!.values).toEqual([null, 7, null, 8]);
  });

  it('has nothing to draw for empty or impossible series', () => {
    expect(alignSeries([])).toEqual({ times: [], rows: [] });
    expect(alignSeries([{ name: 'a', data: { start: 0, step: 0, values: [1] } }]).rows).toEqual([]);
  });

  it('bounds what a broken answer can ask for', () => {
    const { times } = alignSeries([
      { name: 'a', data: { start: 0, step: 0.001, values: [1] } },
      { name: 'b', data: { start: 1e12, step: 1, values: [1] } },
    ]);
    expect(times.length).toBe(20_000);
  });
});

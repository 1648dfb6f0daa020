import { describe, expect, it } from 'vitest';
import { bucketRows, spans, timeTicks, valueRows } from './cells.ts';
import type { SeriesView } from './props.ts';

const view = (name: string, values: number[], labels: Record<string, string> = {}): SeriesView => ({
  name,
  ref: 'A',
  labels,
  settings: {},
  values: Float64Array.from(values),
});

describe('heatmaps', () => {
  it('take cumulative buckets apart, in the order of their bounds', () => {
    const { labels, rows } = bucketRows([
      view('x', [9, 9], { le: '+Inf' }),
      view('x', [1, 2], { le: '0.1' }),
      view('x', [4, Number.NaN], { le: '1' }),
    ]);
    expect(labels).toEqual(['0.1', '1', '+Inf']);
    expect(rows.map((row) => [...row])).toEqual([
      [1, 2],
      [3, Number.NaN],
      [5, 9],
    ]);
  });

  it('count series in even bins otherwise', () => {
    const { rows, labels } = valueRows([view('a', [0, 16]), view('b', [16, 16])], 2, String);
    expect([labels.length, labels.at(-1), [...rows[0]!], [...rows.at(-1)!]]).toEqual([
      16,
      '16',
      [1, 0],
      [1, 2],
    ]);
    expect(valueRows([], 2, String).rows).toEqual([]);
  });
});

describe('state timelines', () => {
  it('join equal neighbours unless told otherwise', () => {
    const values = Float64Array.from([1, 1, Number.NaN, 1, 0]);
    expect(spans(values, true)).toEqual([
      { from: 0, to: 2, value: 1 },
      { from: 3, to: 4, value: 1 },
      { from: 4, to: 5, value: 0 },
    ]);
    expect(spans(values, false)).toHaveLength(4);
  });
});

describe('time ticks', () => {
  it('stand on round instants, no more than there is room for', () => {
    const from = Date.UTC(2026, 0, 1, 12, 7);
    const ticks = timeTicks(from, from + 3_600_000, 5);
    expect(ticks.map((at) => new Date(at).toISOString().slice(11, 16))).toEqual([
      '12:15',
      '12:30',
      '12:45',
      '13:00',
    ]);
    expect(timeTicks(from, from - 1, 5)).toEqual([]);
  });
});

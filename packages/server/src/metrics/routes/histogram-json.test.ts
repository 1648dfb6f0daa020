import { type Histogram, Labels } from '@pharos/promql';
import { describe, expect, it } from 'vitest';
import { histogramText } from './histogram-json.ts';
import { resultPieces } from './prometheus-json.ts';

const histogram: Histogram = {
  schema: 0,
  zeroThreshold: 0.001,
  zeroCount: 2,
  count: 8.5,
  sum: 1e21,
  positiveSpans: Int32Array.of(0, 3),
  positiveBuckets: Float64Array.of(1, 0, 2.5),
  negativeSpans: Int32Array.of(1, 1),
  negativeBuckets: Float64Array.of(3),
  customValues: new Float64Array(0),
  resetHint: 'unknown',
};
const shown = {
  count: '8.5',
  sum: '1e+21',
  buckets: [
    [1, '-2', '-1', '3'],
    [3, '-0.001', '0.001', '2'],
    [0, '0.5', '1', '1'],
    [0, '2', '4', '2.5'],
  ],
};
const labels = Labels.fromRecord({ __name__: 'h' });
const metric = { __name__: 'h' };
const outcome = {
  warnings: [],
  infos: [],
  stats: { samplesRead: 0, peakSamples: 0, seriesRead: 0, pushedDown: 0, downsampled: 0 },
};

const written = (result: Parameters<typeof resultPieces>[0]): unknown =>
  JSON.parse([...resultPieces(result, 0, undefined)].join('')).result;

describe('histograms in answers (PQ-5)', () => {
  it('writes numbers as texts, skips empty buckets and tells which bounds belong to them', () => {
    expect(JSON.parse(histogramText(histogram))).toEqual(shown);
    const custom = { ...histogram, schema: -53, zeroCount: 0, customValues: Float64Array.of(5, 10) };
    expect(JSON.parse(histogramText({ ...custom, negativeBuckets: new Float64Array(0) })).buckets).toEqual([
      [0, '-Inf', '5', '1'],
      [0, '10', '+Inf', '2.5'],
    ]);
    const empty = { ...custom, positiveBuckets: new Float64Array(0), negativeBuckets: new Float64Array(0) };
    expect(histogramText(empty)).toBe('{"count":"8.5","sum":"1e+21"}');
  });

  it('has "histogram" in a vector', () => {
    const samples = [
      { labels, value: Number.NaN, histogram },
      { labels, value: 1 },
    ];
    expect(written({ type: 'vector', time: 1_500, samples, ...outcome })).toEqual([
      { metric, histogram: [1.5, shown] },
      { metric, value: [1.5, '1'] },
    ]);
  });

  it('has "histograms" next to "values" in a matrix, either only where there is one', () => {
    const grid = { start: 1_000, step: 1_000, count: 4 };
    const [values, present] = [Float64Array.of(7, 0, 0, 0), Uint8Array.of(1, 1, 0, 1)];
    const histograms = [undefined, histogram, undefined, histogram];
    const series = [{ labels, values, present, histograms }];
    expect(written({ type: 'matrix', grid, series, ...outcome })).toEqual([
      {
        metric,
        values: [[1, '7']],
        histograms: [
          [2, shown],
          [4, shown],
        ],
      },
    ]);
    const raw = [
      { labels, timestamps: Float64Array.of(2_000), values: Float64Array.of(0), histograms: [histogram] },
    ];
    expect(written({ type: 'matrix', time: 5_000, series: raw, ...outcome })).toEqual([
      { metric, histograms: [[2, shown]] },
    ]);
  });
});

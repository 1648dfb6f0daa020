import { RE2JS } from 're2js';
import type { SampleValue } from '../eval/value.ts';
import { sampleAt } from '../eval/value.ts';
import { sameBounds } from '../histogram/bounds.ts';
import { formatHistogram } from '../histogram/format.ts';
import type { Histogram } from '../histogram/histogram.ts';
import { rowOf } from '../histogram/rows.ts';
import { compactHistogram } from '../histogram/sum.ts';
import { compareLabels } from '../labels.ts';
import type { NotedHistogram } from '../notation/histogram.ts';
import type { SeriesItem } from '../notation/series.ts';
import type { InstantResult, MatrixSeries, RangeResult, VectorSample } from '../result.ts';
import type { EvalCommand, ExpectedSeries, TextExpectation } from './promqltest-script.ts';

/** What an evaluation answered against what the script expects; the first difference in words, or undefined. */
export type Difference = string | undefined;

const EPSILON = 1e-6;
const LEAST_NORMAL = 2.2250738585072014e-308;

/** T-4: equal up to a relative 1e-6; NaN equals NaN. */
function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b);
  if (a === b) return true;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
  const size = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || size < LEAST_NORMAL) return difference < EPSILON * LEAST_NORMAL;
  return difference / Math.min(size, Number.MAX_VALUE) < EPSILON;
}

function sameItem(item: SeriesItem | undefined, value: SampleValue): boolean {
  if (typeof item === 'number') return typeof value === 'number' && almostEqual(item, value);
  return typeof item === 'object' && typeof value === 'object' && almostEqualHistograms(item, value);
}

/** T-4: layout exactly, numbers by the float rule, the reset hint only when it is named. */
function almostEqualHistograms({ histogram: wanted, hintNamed }: NotedHistogram, got: Histogram): boolean {
  const expected = compactHistogram(wanted);
  const actual = compactHistogram(got);
  const close = (a: Float64Array, b: Float64Array): boolean =>
    a.length === b.length && a.every((value, i) => almostEqual(value, b[i] ?? Number.NaN));
  return (
    expected.schema === actual.schema &&
    expected.zeroThreshold === actual.zeroThreshold &&
    sameBounds(expected.customValues, actual.customValues) &&
    almostEqual(expected.count, actual.count) &&
    almostEqual(expected.sum, actual.sum) &&
    almostEqual(expected.zeroCount, actual.zeroCount) &&
    `${rowOf(expected.positiveSpans, expected.positiveBuckets).indexes}` ===
      `${rowOf(actual.positiveSpans, actual.positiveBuckets).indexes}` &&
    `${rowOf(expected.negativeSpans, expected.negativeBuckets).indexes}` ===
      `${rowOf(actual.negativeSpans, actual.negativeBuckets).indexes}` &&
    close(expected.positiveBuckets, actual.positiveBuckets) &&
    close(expected.negativeBuckets, actual.negativeBuckets) &&
    (!hintNamed || expected.resetHint === actual.resetHint)
  );
}

function show(value: SampleValue | SeriesItem | undefined): string {
  if (typeof value !== 'object') return String(value);
  const histogram = 'histogram' in value ? value.histogram : value;
  const custom = histogram.customValues.length > 0 ? ` custom [${histogram.customValues.join(' ')}]` : '';
  return `${formatHistogram(compactHistogram(histogram))} schema ${histogram.schema}${custom} zero ${histogram.zeroThreshold} ${histogram.resetHint}`;
}

export function compareInstant(command: EvalCommand, result: InstantResult): Difference {
  switch (result.type) {
    case 'string':
      return command.string === result.value ? undefined : `got string ${JSON.stringify(result.value)}`;
    case 'scalar':
      return sameItem(command.scalar, result.value) ? undefined : `got scalar ${result.value}`;
    case 'vector':
      return compareVector(command, result.samples);
    case 'matrix':
      return compareRaw(command, result);
  }
}

function compareVector(command: EvalCommand, samples: readonly VectorSample[]): Difference {
  if (command.scalar !== undefined || command.string !== undefined) return 'got a vector';
  const expected = new Map(command.series.map((series, place) => [series.labels.key, { series, place }]));
  for (const [place, { labels, value, histogram }] of samples.entries()) {
    const known = expected.get(labels.key);
    const sample = histogram ?? value;
    if (known === undefined) return `unexpected ${labels.toString()} ${show(sample)}`;
    expected.delete(labels.key);
    if (!sameItem(known.series.items[0], sample))
      return `${labels.toString()}: got ${show(sample)}, expected ${show(known.series.items[0])}`;
    if (command.ordered && known.place !== place)
      return `${labels.toString()} at place ${place}, expected ${known.place}`;
  }
  const [missing] = expected.values();
  return missing === undefined ? undefined : `missing ${missing.series.labels.toString()}`;
}

function compareRaw(command: EvalCommand, result: Extract<InstantResult, { type: 'matrix' }>): Difference {
  const grid = command.rangeVector;
  if (grid === undefined) return 'got a range vector';
  const count = Math.floor((grid.end - grid.start) / grid.step) + 1;
  const series = result.series.map(({ labels, timestamps, values, histograms }) => {
    const onGrid = {
      labels,
      values: new Float64Array(count),
      present: new Uint8Array(count),
      histograms: Array.from({ length: count }, (): Histogram | undefined => undefined),
    };
    timestamps.forEach((time, i) => {
      const k = (time - grid.start) / grid.step;
      onGrid.histograms[k] = histograms?.[i];
      onGrid.values[k] = values[i] ?? Number.NaN;
      onGrid.present[k] = 1;
    });
    return onGrid;
  });
  return compareMatrix(command.series, series);
}

export function compareRange(command: EvalCommand, result: RangeResult): Difference {
  const { series } = result;
  const unsorted = series.findIndex((one, i) => i > 0 && compareLabels(series[i - 1].labels, one.labels) > 0);
  if (unsorted > 0) return `not sorted by labels: ${series[unsorted]?.labels.toString()}`;
  return compareMatrix(command.series, result.series);
}

function compareMatrix(
  expectedSeries: readonly ExpectedSeries[],
  series: readonly MatrixSeries[],
): Difference {
  const expected = new Map(expectedSeries.map((one) => [one.labels.key, one]));
  for (const one of series) {
    const { labels, values, present } = one;
    const known = expected.get(labels.key);
    if (known === undefined) return `unexpected ${labels.toString()} ${[...values].join(' ')}`;
    expected.delete(labels.key);
    const steps = Math.max(present.length, known.items.length);
    for (let k = 0; k < steps; k++) {
      const item = known.items[k] ?? 'gap';
      const here = present[k] === 1;
      if (item === 'gap' ? here : !here || !sameItem(item, sampleAt(one, k)))
        return `${labels.toString()} at step ${k}: got ${here ? show(sampleAt(one, k)) : 'nothing'}, expected ${show(item)}`;
    }
  }
  for (const missing of expected.values())
    if (missing.items.some((item) => item !== 'gap')) return `missing ${missing.labels.toString()}`;
  return undefined;
}

/** The middle step of a range result against an instant expectation (T-6 b). */
export function compareStep(command: EvalCommand, result: RangeResult, step: number): Difference {
  if (command.scalar !== undefined) {
    const value = result.series[0]?.values[step] ?? Number.NaN;
    return sameItem(command.scalar, value) ? undefined : `as a range: got scalar ${value}`;
  }
  const samples = result.series
    .filter((series) => series.present[step] === 1)
    .map(({ labels, values, histograms }) => ({
      labels,
      value: values[step] ?? Number.NaN,
      histogram: histograms?.[step],
    }));
  const difference = compareVector({ ...command, ordered: false }, samples);
  return difference === undefined ? undefined : `as a range: ${difference}`;
}

/** T-5: each expectation has a match and each annotation is expected, if any expectation of the kind was made. */
export function compareAnnotations(
  kind: string,
  expected: readonly TextExpectation[],
  none: boolean,
  actual: readonly string[],
): Difference {
  if (none && actual.length > 0) return `unexpected ${kind}: ${actual[0]}`;
  if (expected.length === 0) return undefined;
  const unmet = expected.find((one) => !actual.some((text) => matchesText(one, text)));
  if (unmet !== undefined)
    return `no ${kind} matches ${unmet.text || 'anything'}; got ${JSON.stringify(actual)}`;
  const stray = actual.find((text) => !expected.some((one) => matchesText(one, text)));
  return stray === undefined ? undefined : `unexpected ${kind}: ${stray}`;
}

export function matchesText(expectation: TextExpectation, text: string): boolean {
  if (expectation.how === 'any') return true;
  if (expectation.how === 'msg') return expectation.text === text.trim();
  return RE2JS.compile(expectation.text).matcher(text).find();
}

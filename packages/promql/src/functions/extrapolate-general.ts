import { interpolateHistograms } from '../eval/select-general.ts';
import type { GeneralColumn, RangeSeries, SampleValue, Windows } from '../eval/value.ts';
import { slideGeneral } from '../eval/windows.ts';
import type { Histogram } from '../histogram/histogram.ts';
import { hasCustomBuckets } from '../histogram/histogram.ts';
import { detectReset } from '../histogram/reset.ts';
import { HistogramSum, scaleHistogram } from '../histogram/sum.ts';
import type { Edges } from './edges.ts';
import { edgesOf, slideEdgesGeneral } from './edges.ts';
import type { Extrapolation } from './extrapolation.ts';
import { betweenEdges, extrapolationFactor } from './extrapolation.ts';
import { histogramDifference, noteHints, resetFinder } from './histogram-difference.ts';
import { startsAnew, windowStart } from './start-times.ts';
import type { RangeInput } from './types.ts';

/** `rate`, `increase` and `delta` over samples of either kind, with start times where there are any. */
export function extrapolateGeneral(
  series: RangeSeries,
  windows: Windows,
  out: GeneralColumn,
  input: RangeInput,
  mode: Extrapolation,
): boolean {
  const edges = edgesOf(input);
  if (edges !== undefined) {
    const floats = betweenEdges(series, edges, mode, windows.range);
    return slideEdgesGeneral(
      series,
      windows,
      edges,
      (first, last, open, end) => {
        const kind = kindOf(series, first, last + 1);
        if (kind === 'floats') return floats(first, last, open, end);
        if (kind === 'mixed') return refuseMix(series, input);
        return edgeDifference(series, { first, last, open, end, edges, mode, range: windows.range, input });
      },
      out,
    );
  }
  const isReset = resetFinder(series);
  const one = (from: number, to: number, end: number): SampleValue | undefined =>
    extrapolateWindow(series, { from, to, end, range: windows.range, mode, input, isReset });
  return slideGeneral(series, windows, 1, (_series, from, to, end) => one(from, to, end), out);
}

interface WindowInput {
  readonly from: number;
  readonly to: number;
  readonly end: number;
  readonly range: number;
  readonly mode: Extrapolation;
  readonly input: RangeInput;
  readonly isReset: (i: number) => boolean;
}

function extrapolateWindow(series: RangeSeries, window: WindowInput): SampleValue | undefined {
  const { from, to, end, range, mode, input, isReset } = window;
  const kind = kindOf(series, from, to);
  if (kind === 'mixed') return refuseMix(series, input);
  const { timestamps, starts } = series;
  const open = end - range;
  const start = mode.counter ? windowStart(series, from, open) : undefined;
  if (to - from < 2 && start === undefined) return undefined;
  const overlap = mode.counter && starts !== undefined && overlaps(series, from, to);
  if (overlap) input.context.annotations.overlappingStart(spanOf(input), series.labels.metricName);
  const result =
    kind === 'floats'
      ? floatDifference(series, from, to, mode, start !== undefined)
      : histogramDifference(series, {
          from,
          to,
          counter: mode.counter,
          fromZero: start !== undefined,
          input,
          isReset,
        });
  if (result === undefined) return undefined;
  const first = series.histograms?.[from]?.count ?? series.values[from];
  const size = typeof result === 'number' ? result : result.count;
  const factor = extrapolationFactor({
    firstTime: timestamps[from],
    lastTime: timestamps[to - 1],
    intervals: to - from - 1,
    open,
    end,
    zeroShare: mode.counter && size > 0 && first >= 0 ? first / size : Number.POSITIVE_INFINITY,
    start,
  });
  const scale = mode.perSecond ? factor / (range / 1000) : factor;
  return typeof result === 'number' ? result * scale : scaleHistogram(result, scale);
}

function floatDifference(
  { values, timestamps, starts }: RangeSeries,
  from: number,
  to: number,
  mode: Extrapolation,
  fromZero: boolean,
): number {
  let result = values[to - 1] - values[from];
  if (!mode.counter) return result;
  for (let i = from + 1; i < to; i++)
    if (values[i] < values[i - 1] || startsAnew(timestamps, starts, i)) result += values[i - 1];
  return fromZero ? result + values[from] : result;
}

/** A start time inside the time of the sample before, unless it is that one's own. */
function overlaps({ timestamps, starts }: RangeSeries, from: number, to: number): boolean {
  for (let i = from + 1; i < to; i++) {
    const start = starts?.[i] ?? 0;
    if (start !== 0 && start < timestamps[i - 1] && start !== starts?.[i - 1]) return true;
  }
  return false;
}

function spanOf({ call }: RangeInput): { start: number; end: number } {
  return call.args[0]?.span ?? call.span;
}

function refuseMix(series: RangeSeries, input: RangeInput): undefined {
  input.context.annotations.mixedKinds(spanOf(input), series.labels.metricName);
}

/** Which kinds of samples stand in `[from, to)`. */
export function kindOf(
  { histograms }: RangeSeries,
  from: number,
  to: number,
): 'floats' | 'histograms' | 'mixed' {
  let count = 0;
  for (let i = from; i < to; i++) if (histograms?.[i] !== undefined) count++;
  if (count === 0) return 'floats';
  return count === to - from ? 'histograms' : 'mixed';
}

interface EdgeInput {
  readonly first: number;
  readonly last: number;
  readonly open: number;
  readonly end: number;
  readonly edges: Edges;
  readonly mode: Extrapolation;
  readonly range: number;
  readonly input: RangeInput;
}

/** The difference between the edges of a window of histograms. */
function edgeDifference(series: RangeSeries, window: EdgeInput): Histogram | undefined {
  const { first, last, mode, input, range } = window;
  const samples = (series.histograms ?? []).slice(first, last + 1).filter((one) => one !== undefined);
  noteHints(samples, mode.counter, series.labels.metricName, input);
  const looked = mode.counter ? samples : [samples[0], samples.at(-1)];
  const custom = new Set(looked.map((one) => one !== undefined && hasCustomBuckets(one)));
  const result = custom.size > 1 ? 'incompatible' : sumBetweenEdges(series, samples, window);
  if (result === 'incompatible') {
    input.context.annotations.mixedBuckets(spanOf(input), series.labels.metricName);
    return undefined;
  }
  return mode.perSecond ? scaleHistogram(result, 1000 / range) : result;
}

function sumBetweenEdges(
  { timestamps }: RangeSeries,
  samples: readonly Histogram[],
  { first, last, open, end, edges, mode }: EdgeInput,
): Histogram | 'incompatible' {
  const { counter } = mode;
  const count = samples.length;
  const share = (i: number, time: number): number =>
    (time - timestamps[i]) / (timestamps[i + 1] - timestamps[i]);
  const isReset = (i: number): boolean => counter && detectReset(samples[i], samples[i - 1]);
  const atLeft = edges.smoothed && timestamps[first] < open && count > 1;
  const atRight = edges.smoothed && last > first && timestamps[last] > end;
  const left = atLeft
    ? interpolateHistograms(samples[0], samples[1], share(first, open), isReset(1) ? 'from-zero' : 'none')
    : samples[0];
  // Both edges between the same two samples lie on one line: the one after the reset.
  const sameLine = atLeft && last === first + 1;
  const carry = sameLine ? 'from-zero' : 'carried';
  const right = atRight
    ? interpolateHistograms(
        samples[count - 2],
        samples[count - 1],
        share(last - 1, end),
        isReset(count - 1) ? carry : 'none',
      )
    : samples[count - 1];
  if (left === 'incompatible' || right === 'incompatible') return 'incompatible';
  const sum = new HistogramSum(right);
  if (sum.add(left, -1) === 'incompatible') return 'incompatible';
  // What lies between, without the step an interpolated edge has answered for.
  for (let i = atLeft ? 2 : 1; i < (atRight ? count - 1 : count); i++)
    if (isReset(i) && sum.add(samples[i - 1]) === 'incompatible') return 'incompatible';
  return sum.toHistogram('gauge');
}

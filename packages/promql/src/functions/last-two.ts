import type { RangeSeries, SampleValue } from '../eval/value.ts';
import { slideGeneral } from '../eval/windows.ts';
import { hasCustomBuckets, withResetHint } from '../histogram/histogram.ts';
import { detectReset } from '../histogram/reset.ts';
import { compactHistogram, HistogramSum, scaleHistogram } from '../histogram/sum.ts';
import { noteHints } from './histogram-difference.ts';
import { startsAnew } from './start-times.ts';
import type { RangeFunction, RangeInput } from './types.ts';

/** `irate` (rate) and `idelta` over samples of either kind: what lies between the last two. */
export function lastTwoGeneral(rate: boolean): NonNullable<RangeFunction['general']> {
  return (series, windows, out, input) =>
    slideGeneral(series, windows, 2, (one, _from, to) => lastTwo(one, to, rate, input), out);
}

function lastTwo(series: RangeSeries, to: number, rate: boolean, input: RangeInput): SampleValue | undefined {
  const { timestamps, values, histograms, starts } = series;
  const [before, last] = [histograms?.[to - 2], histograms?.[to - 1]];
  const seconds = (timestamps[to - 1] - timestamps[to - 2]) / 1000;
  const anew = rate && startsAnew(timestamps, starts, to - 1);
  if (last === undefined && before === undefined) {
    const [from, value] = [values[to - 2], values[to - 1]];
    const change = anew || (rate && value < from) ? value : value - from;
    return rate ? change / seconds : change;
  }
  const { annotations } = input.context;
  const span = input.call.args[0]?.span ?? input.call.span;
  const name = series.labels.metricName;
  if (last === undefined || before === undefined) {
    annotations.mixedKinds(span, name);
    return undefined;
  }
  noteEveryHint(series, to, rate, input);
  if (anew || (rate && detectReset(last, before)))
    return scaleHistogram(withResetHint(compactHistogram(last), 'gauge'), 1 / seconds);
  if (hasCustomBuckets(last) !== hasCustomBuckets(before)) {
    annotations.mixedBuckets(span, name);
    return undefined;
  }
  const sum = new HistogramSum(last);
  if (sum.add(before, -1) === 'reconciled') annotations.reconciledBuckets(span, 'subtraction');
  return scaleHistogram(sum.toHistogram('gauge'), rate ? 1 / seconds : 1);
}

function noteEveryHint(series: RangeSeries, to: number, rate: boolean, input: RangeInput): void {
  const both = (series.histograms ?? []).slice(to - 2, to).filter((one) => one !== undefined);
  noteHints(both, rate, series.labels.metricName, input);
}

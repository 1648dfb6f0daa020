import type { RangeSeries } from '../eval/value.ts';
import type { Histogram } from '../histogram/histogram.ts';
import { createHistogram, hasCustomBuckets } from '../histogram/histogram.ts';
import { detectReset } from '../histogram/reset.ts';
import { HistogramSum } from '../histogram/sum.ts';
import { startsAnew } from './start-times.ts';
import type { RangeInput } from './types.ts';

interface DifferenceInput {
  readonly from: number;
  readonly to: number;
  readonly counter: boolean;
  /** The first sample counts from zero: its start lies in the window. */
  readonly fromZero: boolean;
  readonly input: RangeInput;
  /** Whether sample i of the series is a reset after the one before it. */
  readonly isReset: (i: number) => boolean;
}

/** Whether sample i is a reset, by start times, hints or counts; found out once per sample, however many windows it is in. */
export function resetFinder({
  histograms = [],
  timestamps,
  starts,
  to,
}: RangeSeries): (i: number) => boolean {
  const known = new Int8Array(to);
  return (i) => {
    if (known[i] === 0) {
      const [now, before] = [histograms[i], histograms[i - 1]];
      const fell = now !== undefined && before !== undefined && detectReset(now, before);
      known[i] = startsAnew(timestamps, starts, i) || fell ? 1 : -1;
    }
    return known[i] === 1;
  };
}

/** The increase (counter) or difference (gauge) over a window of histograms only; undefined, with a warning, where they do not fit. */
export function histogramDifference(series: RangeSeries, window: DifferenceInput): Histogram | undefined {
  const { from, to, counter, fromZero, input, isReset } = window;
  const { annotations } = input.context;
  const span = input.call.args[0]?.span ?? input.call.span;
  const name = series.labels.metricName;
  const samples = (series.histograms ?? []).slice(from, to).filter((one) => one !== undefined);
  noteHints(samples, counter, name, input);
  const resets = samples.map((_, i) => counter && i > 0 && isReset(from + i));
  const [first, last] = [samples[0], samples[samples.length - 1]];
  // Before a reset the first sample's layout plays no part: it is as if it had been empty.
  const skipFirst = fromZero || resets[1] === true;
  const looked = counter ? samples.slice(skipFirst ? 1 : 0) : [first, last];
  if (new Set([...looked, last].map(hasCustomBuckets)).size > 1) {
    annotations.mixedBuckets(span, name);
    return undefined;
  }
  const { schema, customValues } = samples[1] ?? last;
  const sum = new HistogramSum(last);
  const subtracted = sum.add(skipFirst ? createHistogram({ schema, customValues }) : first, -1);
  // All samples of the window have a say in the resolution of a counter.
  if (counter && !hasCustomBuckets(last)) sum.add(createHistogram({ schema: lowestSchema(looked) }));
  if (subtracted === 'reconciled') annotations.reconciledBuckets(span, 'subtraction');
  // With the first sample left out of the difference, its drop is accounted for.
  const dropped = samples.filter((_, i) => resets[i + 1] === true && (i > 0 || !skipFirst || fromZero));
  const outcomes = new Set(dropped.map((one) => sum.add(one)));
  if (outcomes.has('reconciled')) annotations.reconciledBuckets(span, 'addition');
  if (!outcomes.has('incompatible')) return sum.toHistogram('gauge');
  annotations.mixedBuckets(span, name);
  return undefined;
}

function lowestSchema(samples: readonly Histogram[]): number {
  return samples.reduce((lowest, { schema }) => Math.min(lowest, schema), Number.POSITIVE_INFINITY);
}

/** Warns of gauges taken for counters, and of what is no gauge at the ends of a difference. */
export function noteHints(
  samples: readonly Histogram[],
  counter: boolean,
  name: string,
  { context, call }: RangeInput,
): void {
  const span = call.args[0]?.span ?? call.span;
  if (counter) {
    if (samples.some(({ resetHint }) => resetHint === 'gauge')) context.annotations.notCounter(span, name);
  } else if (samples[0]?.resetHint !== 'gauge' || samples.at(-1)?.resetHint !== 'gauge') {
    context.annotations.notGauge(span, name);
  }
}

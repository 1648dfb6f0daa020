import type { HistogramColumn, RangeSeries, SampleValue } from '../eval/value.ts';
import { slideGeneral } from '../eval/windows.ts';
import { combineHistograms } from '../histogram/combine.ts';
import { kindOf } from './extrapolate-general.ts';
import type { RangeFunction, RangeInput } from './types.ts';

/** `sum_over_time` and `avg_over_time` of windows with histograms; `floats` is the answer for windows without. */
export function aggregateOverTime(
  how: 'sum' | 'mean',
  floats: (values: Float64Array, from: number, to: number) => number,
): NonNullable<RangeFunction['general']> {
  return (series, windows, out, input) =>
    slideGeneral(
      series,
      windows,
      1,
      (one, from, to): SampleValue | undefined => {
        const kind = kindOf(one, from, to);
        if (kind === 'floats') return floats(one.values, from, to);
        if (kind === 'histograms')
          return ofHistograms(one, one.histograms?.slice(from, to) ?? [], how, input);
        input.context.annotations.mixedKinds(spanOf(input), one.labels.metricName);
        return undefined;
      },
      out,
    );
}

function ofHistograms(
  series: RangeSeries,
  window: HistogramColumn,
  how: 'sum' | 'mean',
  input: RangeInput,
): SampleValue | undefined {
  const { annotations } = input.context;
  const combined = combineHistograms(
    window.filter((one) => one !== undefined),
    how,
  );
  if (combined.incompatible !== undefined) {
    annotations.mixedBuckets(spanOf(input), series.labels.metricName);
    return undefined;
  }
  if (combined.resetsCollide) annotations.conflictingResets(spanOf(input), 'aggregation');
  if (combined.reconciled) annotations.reconciledBuckets(spanOf(input), 'aggregation');
  return combined.histogram;
}

function spanOf({ call }: RangeInput): { start: number; end: number } {
  return call.args[0]?.span ?? call.span;
}

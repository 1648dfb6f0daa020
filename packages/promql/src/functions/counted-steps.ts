import type { RangeSeries } from '../eval/value.ts';
import { slide, slideGeneral } from '../eval/windows.ts';
import type { Histogram } from '../histogram/histogram.ts';
import { edgesOf, slideEdges, slideEdgesGeneral } from './edges.ts';
import { startsAnew } from './start-times.ts';
import type { RangeFunction } from './types.ts';

/** What counts between samples that are not just floats. */
export interface CountsGeneral {
  readonly histograms: (now: Histogram, before: Histogram) => boolean;
  /** A counting that began between the samples counts. */
  readonly starts: boolean;
}

/**
 * How many neighbouring samples of a window satisfy `counts`. Prefix sums make each window one subtraction of
 * whole numbers.
 */
export function countedSteps(
  counts: (before: number, value: number) => boolean,
  general: CountsGeneral,
): RangeFunction {
  return {
    kind: 'range',
    kernel(series, windows, out, input) {
      const { values, from: base, to: last } = series;
      const upTo = new Int32Array(last - base);
      for (let i = base + 1; i < last; i++) {
        const before = upTo[i - 1 - base];
        upTo[i - base] = before + (counts(values[i - 1], values[i]) ? 1 : 0);
      }
      const between = (first: number, last: number): number => upTo[last - base] - upTo[first - base];
      const edges = edgesOf(input);
      if (edges !== undefined) return slideEdges(series, windows, edges, between, out);
      return slide(series, windows, 1, (_series, from, to) => between(from, to - 1), out);
    },
    nsPerHistogram: 50,
    general(series, windows, out, input) {
      const countIn = (first: number, last: number): number => {
        let count = 0;
        for (let i = first + 1; i <= last; i++) if (stepCounts(series, i, counts, general)) count++;
        return count;
      };
      const edges = edgesOf(input);
      if (edges !== undefined) return slideEdgesGeneral(series, windows, edges, countIn, out);
      return slideGeneral(series, windows, 1, (_series, from, to) => countIn(from, to - 1), out);
    },
  };
}

/** Whether sample i after the one before it counts; from a float to a histogram or back always does. */
function stepCounts(
  { values, histograms, timestamps, starts }: RangeSeries,
  i: number,
  counts: (before: number, value: number) => boolean,
  general: CountsGeneral,
): boolean {
  const [before, now] = [histograms?.[i - 1], histograms?.[i]];
  if (general.starts && startsAnew(timestamps, starts, i)) return true;
  if (before === undefined && now === undefined) return counts(values[i - 1], values[i]);
  return before === undefined || now === undefined || general.histograms(now, before);
}

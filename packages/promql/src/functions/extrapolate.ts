import { firstAfter } from '../eval/select.ts';
import type { Column, RangeSeries, Windows } from '../eval/value.ts';
import { edgesOf, slideEdges } from './edges.ts';
import { extrapolateGeneral } from './extrapolate-general.ts';
import type { Extrapolation } from './extrapolation.ts';
import { betweenEdges, reach } from './extrapolation.ts';
import type { RangeFunction, RangeInput } from './types.ts';

const NO_DROPS = new Int32Array(0);

/**
 * `rate`, `increase` and `delta`: the difference over the samples, extended to the edges of the window where the
 * series plausibly reaches them (compat §7: within 1.1 average intervals, else by half an interval).
 */
export function extrapolated(mode: Extrapolation): RangeFunction {
  return {
    kind: 'range',
    kernel(series, windows, out, input) {
      const edges = edgesOf(input);
      if (edges === undefined) return extrapolate(series, windows, out, mode);
      const difference = betweenEdges(series, edges, mode, windows.range);
      return slideEdges(series, windows, edges, difference, out);
    },
    general: (series, windows, out, input) => extrapolateGeneral(series, windows, out, input, mode),
    ...(mode.counter ? { inspect: askForCounterName } : {}),
  };
}

/** Two pointers as in `slide`, in a loop of its own: this is the function most queries spend their time in. */
function extrapolate(series: RangeSeries, windows: Windows, out: Column, mode: Extrapolation): boolean {
  const { timestamps, values, to: last } = series;
  const drops = mode.counter ? findDrops(series) : NO_DROPS;
  let nextDrop = 0;
  let from = firstAfter(timestamps, series.from, last, windows.end - windows.range);
  let to = from;
  let any = false;
  for (let k = 0; k < windows.count; k++) {
    const end = windows.end + k * windows.step;
    const open = end - windows.range;
    while (to < last && timestamps[to] <= end) to++;
    while (from < to && timestamps[from] <= open) from++;
    if (to - from < 2) continue;
    let result = values[to - 1] - values[from];
    while (nextDrop < drops.length && drops[nextDrop] <= from) nextDrop++;
    for (let d = nextDrop; d < drops.length && drops[d] < to; d++) result += values[drops[d] - 1];
    const toStart = timestamps[from] - open;
    const toEnd = end - timestamps[to - 1];
    const sampled = timestamps[to - 1] - timestamps[from];
    const zeroAt =
      mode.counter && result > 0 && values[from] >= 0 ? sampled * (values[from] / result) : Infinity;
    const factor =
      (sampled + reach(sampled, to - from, toStart, zeroAt) + reach(sampled, to - from, toEnd, Infinity)) /
      sampled;
    out.values[k] = result * (mode.perSecond ? factor / (windows.range / 1000) : factor);
    out.present[k] = 1;
    any = true;
  }
  return any;
}

/** Indices of samples smaller than the one before. */
function findDrops({ values, from, to, rising }: RangeSeries): Int32Array {
  if (rising === true) return NO_DROPS;
  let drops: number[] | undefined;
  for (let i = from + 1; i < to; i++) {
    if (values[i] < values[i - 1]) {
      drops ??= [];
      drops.push(i);
    }
  }
  return drops === undefined ? NO_DROPS : Int32Array.from(drops);
}

function askForCounterName(series: RangeSeries, { context, call }: RangeInput): void {
  context.annotations.possibleNonCounter(call.args[0]?.span ?? call.span, series.labels.metricName);
}

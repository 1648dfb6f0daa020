import { isNamedAsCounter } from '../eval/annotations.ts';
import type { Extents, PlacedWindows } from '../eval/placed-windows.ts';
import { firstAfter } from '../eval/select.ts';
import type { Column, RangeSeries, Windows } from '../eval/value.ts';
import type { Labels } from '../labels.ts';
import type { SeriesSet } from '../storage.ts';
import { edgesOf, slideEdges } from './edges.ts';
import { extrapolateGeneral } from './extrapolate-general.ts';
import type { Extrapolation } from './extrapolation.ts';
import { betweenEdges, reach } from './extrapolation.ts';
import type { RangeFunction, RangeInput } from './types.ts';

const NO_DROPS: readonly number[] = [];

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
    everySample: {
      // Of few drops each window adds up those it holds and looks at nothing else.
      nsOf: (series, input) =>
        mode.counter && series.drops === undefined && edgesOf(input) === undefined ? 2.5 : 0,
      kernel: (series, windows, out) => extrapolate(series, windows, out, mode),
    },
    general: (series, windows, out, input) => extrapolateGeneral(series, windows, out, input, mode),
    ...(mode.counter ? { inspect: askForCounterName, inspects: haveOtherNames } : {}),
  };
}

/** Two pointers as in `slide`, in a loop of its own: this is the function most queries spend their time in. */
function extrapolate(series: RangeSeries, windows: Windows, out: Column, mode: Extrapolation): boolean {
  const { timestamps, values, to: last } = series;
  const drops = mode.counter ? (series.drops ?? findDrops(series)) : NO_DROPS;
  if (series.placed !== undefined) return extrapolatePlaced(values, series.placed, drops, out, mode);
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

/** How much larger one product must be than another to be so without rounding too. */
const MARGIN = 1 + 1e-9;

/**
 * The same where the windows' samples and how far they are extended are known: what is left is two values per window. A
 * counter that would be below zero at the start, which only its values tell, is extended less.
 */
function extrapolatePlaced(
  values: Float64Array,
  { first, end, extents }: PlacedWindows,
  drops: readonly number[],
  out: Column,
  mode: Extrapolation,
): boolean {
  const { sampled, toStart } = extents;
  const factor = mode.perSecond ? extents.perSecond : extents.factor;
  let nextDrop = 0;
  let any = false;
  for (let k = 0; k < first.length; k++) {
    const from = first[k];
    const to = end[k];
    if (to - from < 2) continue;
    const before = values[from];
    let result = values[to - 1] - before;
    while (nextDrop < drops.length && drops[nextDrop] <= from) nextDrop++;
    for (let d = nextDrop; d < drops.length && drops[d] < to; d++) result += values[drops[d] - 1];
    let grows = factor[k];
    // `before * sampled / result`, where it was zero, lies well beyond the edge: no division for what is nearly always so.
    if (mode.counter && result > 0 && before >= 0 && before * sampled[k] <= toStart[k] * result * MARGIN)
      grows = factorToZero(extents, k, before / result, mode);
    out.values[k] = result * grows;
    out.present[k] = 1;
    any = true;
  }
  return any;
}

function factorToZero(
  { sampled, toStart, toEnd, seconds }: Extents,
  k: number,
  zeroShare: number,
  mode: Extrapolation,
): number {
  const whole = (sampled[k] + Math.min(toStart[k], sampled[k] * zeroShare) + toEnd[k]) / sampled[k];
  return mode.perSecond ? whole / seconds : whole;
}

/** Indices of samples smaller than the one before. */
function findDrops({ values, from, to }: RangeSeries): readonly number[] {
  const drops: number[] = [];
  for (let i = from + 1; i < to; i++) if (values[i] < values[i - 1]) drops.push(i);
  return drops;
}

function askForCounterName({ metricName }: Labels, { context, call }: RangeInput): void {
  context.annotations.possibleNonCounter(call.args[0]?.span ?? call.span, metricName);
}

/** Whether any metric of a selection is not named as counters are: known for as long as the selection is the same. */
const otherNames = new WeakMap<SeriesSet, boolean>();

function haveOtherNames(set: SeriesSet): boolean {
  let found = otherNames.get(set);
  if (found !== undefined) return found;
  found = false;
  let last = '';
  for (let i = 0; i < set.count && !found; i++) {
    const { metricName } = set.labelsAt(i);
    found = metricName !== last && !isNamedAsCounter(metricName);
    last = metricName;
  }
  otherNames.set(set, found);
  return found;
}

import type { Column, RangeSeries, Windows } from '../eval/value.ts';
import { slide } from '../eval/windows.ts';
import type { RangeFunction, RangeInput } from './types.ts';

export interface Extrapolation {
  /** Drops are resets, and the start is never extended below zero. */
  readonly counter: boolean;
  /** Per second. */
  readonly perSecond: boolean;
}

const NO_DROPS = new Int32Array(0);

/**
 * `rate`, `increase` and `delta`: the difference over the samples, extended to the edges of the window where the
 * series plausibly reaches them (compat §7: within 1.1 average intervals, else by half an interval).
 */
export function extrapolated(mode: Extrapolation): RangeFunction {
  return {
    kind: 'range',
    kernel: (series, windows, out) => extrapolate(series, windows, out, mode),
    ...(mode.counter ? { inspect: askForCounterName } : {}),
  };
}

function extrapolate(series: RangeSeries, windows: Windows, out: Column, mode: Extrapolation): boolean {
  const drops = mode.counter ? findDrops(series) : NO_DROPS;
  const seconds = windows.range / 1000;
  let nextDrop = 0;
  return slide(
    series,
    windows,
    2,
    ({ timestamps, values }, from, to, end) => {
      const first = values[from] ?? 0;
      let result = (values[to - 1] ?? 0) - first;
      while (nextDrop < drops.length && (drops[nextDrop] ?? 0) <= from) nextDrop++;
      for (let d = nextDrop; d < drops.length && (drops[d] ?? 0) < to; d++)
        result += values[(drops[d] ?? 0) - 1] ?? 0;
      const firstTime = timestamps[from] ?? 0;
      const lastTime = timestamps[to - 1] ?? 0;
      const sampled = (lastTime - firstTime) / 1000;
      const average = sampled / (to - from - 1);
      const threshold = average * 1.1;
      let toStart = (firstTime - (end - windows.range)) / 1000;
      let toEnd = (end - lastTime) / 1000;
      if (toStart >= threshold) toStart = average / 2;
      if (mode.counter && result > 0 && first >= 0) toStart = Math.min(toStart, sampled * (first / result));
      if (toEnd >= threshold) toEnd = average / 2;
      const factor = (sampled + toStart + toEnd) / sampled;
      return result * (mode.perSecond ? factor / seconds : factor);
    },
    out,
  );
}

/** Indices of samples smaller than the one before. */
function findDrops({ values, from, to }: RangeSeries): Int32Array {
  let drops: number[] | undefined;
  for (let i = from + 1; i < to; i++) {
    if ((values[i] ?? 0) < (values[i - 1] ?? 0)) {
      drops ??= [];
      drops.push(i);
    }
  }
  return drops === undefined ? NO_DROPS : Int32Array.from(drops);
}

const COUNTER_SUFFIX = /_(?:total|sum|count|bucket)$/;

function askForCounterName(series: RangeSeries, { context, call }: RangeInput): void {
  const name = series.labels.metricName;
  if (name === '' || COUNTER_SUFFIX.test(name)) return;
  context.annotations.possibleNonCounter(call.args[0]?.span ?? call.span, name);
}

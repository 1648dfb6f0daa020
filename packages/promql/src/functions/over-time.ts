import type { Column, RangeSeries, Windows } from '../eval/value.ts';
import type { WindowFunction } from '../eval/windows.ts';
import { slide } from '../eval/windows.ts';
import type { RangeFunction } from './types.ts';

interface MoreOfRange extends Partial<RangeFunction> {
  /** Of a function that looks at every sample of a window, about how many ns each takes. */
  readonly nsPerSample?: number;
}

/** A range function that looks at each window by itself and needs at least `fewest` samples. */
export function overTime(
  fewest: number,
  compute: WindowFunction,
  { nsPerSample, ...more }: MoreOfRange = {},
): RangeFunction {
  const kernel = (series: RangeSeries, windows: Windows, out: Column): boolean =>
    slide(series, windows, fewest, compute, out);
  return {
    kind: 'range',
    kernel,
    ...(nsPerSample !== undefined && { everySample: { nsOf: () => nsPerSample, kernel } }),
    ...more,
  };
}

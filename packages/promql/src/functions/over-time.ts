import type { WindowFunction } from '../eval/windows.ts';
import { slide } from '../eval/windows.ts';
import type { RangeFunction } from './types.ts';

/** A range function that looks at each window by itself and needs at least `fewest` samples. */
export function overTime(
  fewest: number,
  compute: WindowFunction,
  more: Partial<RangeFunction> = {},
): RangeFunction {
  return {
    kind: 'range',
    kernel: (series, windows, out) => slide(series, windows, fewest, compute, out),
    ...more,
  };
}

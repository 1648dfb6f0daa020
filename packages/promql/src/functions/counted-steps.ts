import { slide } from '../eval/windows.ts';
import type { RangeFunction } from './types.ts';

/**
 * How many neighbouring samples of a window satisfy `counts`. Prefix sums make each window one subtraction of
 * whole numbers.
 */
export function countedSteps(counts: (before: number, value: number) => boolean): RangeFunction {
  return {
    kind: 'range',
    kernel(series, windows, out) {
      const { values, from: base, to: last } = series;
      const upTo = new Int32Array(last - base);
      for (let i = base + 1; i < last; i++) {
        const before = upTo[i - 1 - base];
        upTo[i - base] = before + (counts(values[i - 1], values[i]) ? 1 : 0);
      }
      const count = (_series: unknown, from: number, to: number): number =>
        upTo[to - 1 - base] - upTo[from - base];
      return slide(series, windows, 1, count, out);
    },
  };
}

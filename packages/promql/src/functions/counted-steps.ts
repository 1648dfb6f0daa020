import { slide } from '../eval/windows.ts';
import { edgesOf, slideEdges } from './edges.ts';
import type { RangeFunction } from './types.ts';

/**
 * How many neighbouring samples of a window satisfy `counts`. Prefix sums make each window one subtraction of
 * whole numbers.
 */
export function countedSteps(counts: (before: number, value: number) => boolean): RangeFunction {
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
  };
}

import { KahanSum } from '../eval/kahan.ts';
import type { WindowFunction } from '../eval/windows.ts';
import { overTime } from './over-time.ts';
import type { RangeFunction } from './types.ts';

const mean = new KahanSum();
const squares = new KahanSum();

/** Population variance of a window by Welford's method, compensated; `finish` turns it into the answer. */
export function varianceOverTime(finish: (variance: number) => number): RangeFunction {
  const variance: WindowFunction = ({ values }, from, to) => {
    mean.reset();
    squares.reset();
    for (let i = from; i < to; i++) {
      const value = values[i];
      const delta = value - mean.value;
      mean.add(delta / (i - from + 1));
      squares.add(delta * (value - mean.value));
    }
    return finish(squares.value / (to - from));
  };
  return overTime(1, variance, { nsPerSample: 12 });
}

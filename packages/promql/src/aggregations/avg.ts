import { folding } from './folding.ts';

/**
 * `avg`: a compensated sum divided at the end, and from the first overflow on an incremental mean
 * (so that the mean of huge values is not infinite).
 */
export const avg = folding((cells) => {
  const totals = new Float64Array(cells);
  const compensations = new Float64Array(cells);
  const counts = new Float64Array(cells);
  const incremental = new Uint8Array(cells);
  const addOne = (cell: number, value: number): void => {
    const count = counts[cell] + 1;
    counts[cell] = count;
    const total = totals[cell];
    const compensation = compensations[cell];
    if (incremental[cell] === 0) {
      if (
        Number.isFinite(total + value) ||
        !Number.isFinite(value) ||
        !Number.isFinite(total) ||
        count === 1
      ) {
        totals[cell] = total + value;
        compensations[cell] = compensation + lost(total, value);
        return;
      }
      incremental[cell] = 1;
      totals[cell] = total / (count - 1);
      compensations[cell] = compensation / (count - 1);
    }
    const share = (count - 1) / count;
    const mean = share * totals[cell];
    totals[cell] = mean + value / count;
    compensations[cell] = share * compensations[cell] + lost(mean, value / count);
  };
  return {
    add(base, { values, present }) {
      for (let k = 0; k < present.length; k++) if (present[k] === 1) addOne(base + k, values[k]);
    },
    result(cell) {
      const total = totals[cell];
      const compensation = Number.isFinite(total) ? compensations[cell] : 0;
      if (incremental[cell] === 1) return total + compensation;
      const count = counts[cell];
      return total / count + compensation / count;
    },
  };
}, 'mean');

/** What adding `value` to `sum` loses to rounding (Neumaier). */
function lost(sum: number, value: number): number {
  const total = sum + value;
  if (!Number.isFinite(total)) return 0;
  return Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
}

import type { Column, RangeSeries, Windows } from '../eval/value.ts';
import { slide } from '../eval/windows.ts';

/** A compensated sum as two numbers, and how to answer from it; `count` samples, `[from, to)` of the series. */
export type FinishSum = (sum: number, compensation: number, from: number, to: number) => number;

/** From this many overlapping windows, and samples in each, on, summing each anew costs more than sliding. */
const WORTH_SLIDING = 8;

export function isWorthSliding({ from, to }: RangeSeries, windows: Windows): boolean {
  const { step, count, range } = windows;
  if (step <= 0 || count < 2 || range < WORTH_SLIDING * step) return false;
  const inEach = ((to - from) * range) / (range + step * (count - 1));
  return inEach >= WORTH_SLIDING;
}

/** Of one series at a time: a kernel does not wait. A series of more samples has its own. */
const MOST_KEPT = 65_536;
let kept = { sums: new Float64Array(0), lost: new Float64Array(0) };

function suffixesOf(length: number): typeof kept {
  if (length <= kept.sums.length) return kept;
  const room = length > MOST_KEPT ? length : Math.min(MOST_KEPT, length * 2);
  const made = { sums: new Float64Array(room), lost: new Float64Array(room) };
  if (room <= MOST_KEPT) kept = made;
  return made;
}

/**
 * Sums of overlapping windows in constant time per sample, without ever subtracting (which would lose small values
 * after large ones and never get rid of an infinity): a queue of two stacks.
 *
 *     window   [ from ........ middle )[ middle ........ to )
 *              suffix sums, each kept     one running sum
 *
 * When `from` reaches `middle`, the suffix sums of the whole window are made anew.
 */
export function slideSums(series: RangeSeries, windows: Windows, out: Column, finish: FinishSum): boolean {
  const { values } = series;
  const base = series.from;
  const { sums: suffixSum, lost: suffixLost } = suffixesOf(series.to - base);
  let middle = base;
  let taken = base;
  let sum = 0;
  let lost = 0;
  return slide(
    series,
    windows,
    1,
    (_series, from, to) => {
      if (from >= middle) {
        let total = 0;
        let rounding = 0;
        for (let i = to - 1; i >= from; i--) {
          rounding = Number.isFinite(total + values[i]) ? rounding + lostBy(total, values[i]) : 0;
          total += values[i];
          suffixSum[i - base] = total;
          suffixLost[i - base] = rounding;
        }
        middle = to;
        taken = to;
        sum = 0;
        lost = 0;
      }
      for (; taken < to; taken++) {
        lost = Number.isFinite(sum + values[taken]) ? lost + lostBy(sum, values[taken]) : 0;
        sum += values[taken];
      }
      const front = suffixSum[from - base];
      const total = front + sum;
      const rounding = Number.isFinite(total) ? suffixLost[from - base] + lost + lostBy(front, sum) : 0;
      return finish(total, rounding, from, to);
    },
    out,
  );
}

/** What rounding takes when `value` is added to `sum` (Neumaier); both finite. */
function lostBy(sum: number, value: number): number {
  const total = sum + value;
  return Math.abs(sum) >= Math.abs(value) ? sum - total + value : value - total + sum;
}

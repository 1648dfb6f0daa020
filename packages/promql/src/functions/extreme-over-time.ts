import { firstAfter } from '../eval/select.ts';
import type { Column, RangeSeries, Windows } from '../eval/value.ts';
import type { RangeFunction } from './types.ts';

/**
 * The best value of each window by a monotonic queue: every sample enters and leaves once, whatever the width
 * of the windows. NaN loses against everything and stands only alone.
 */
export function extremeOverTime(direction: 'min' | 'max'): RangeFunction {
  return {
    kind: 'range',
    kernel: (series, windows, out) => slideExtremes(series, windows, direction === 'max' ? 1 : -1, out),
  };
}

/** The queue, used again for every series: indices whose values get ever worse, the first one still in the window is best. */
let queue = new Int32Array(256);

/** Two pointers as in `slide`, in a loop of its own with the queue's ends beside them; `sign` -1 turns the order round. */
function slideExtremes(series: RangeSeries, windows: Windows, sign: 1 | -1, out: Column): boolean {
  const { timestamps, values, to: last } = series;
  if (queue.length < last - series.from) queue = new Int32Array((last - series.from) * 2);
  const waiting = queue;
  let from = firstAfter(timestamps, series.from, last, windows.end - windows.range);
  let to = from;
  let head = 0;
  let tail = 0;
  let any = false;
  for (let k = 0; k < windows.count; k++) {
    const end = windows.end + k * windows.step;
    const open = end - windows.range;
    for (; to < last && timestamps[to] <= end; to++) {
      const value = values[to];
      if (value !== value) continue;
      const signed = value * sign;
      while (tail > head && values[waiting[tail - 1]] * sign <= signed) tail--;
      waiting[tail++] = to;
    }
    while (from < to && timestamps[from] <= open) from++;
    if (from === to) continue;
    while (head < tail && waiting[head] < from) head++;
    out.values[k] = head < tail ? values[waiting[head]] : Number.NaN;
    out.present[k] = 1;
    any = true;
  }
  return any;
}

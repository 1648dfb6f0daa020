import type { CountWindows } from '../storage.ts';

/**
 * The windows of a range aggregation with times as numbers: ns after the left edge of the first window, exact for the
 * 104 days that a query may span. Window k is `(k*step, k*step + range]`.
 */
export interface RelativeWindows {
  /** What relative times are counted from. */
  readonly base: bigint;
  readonly range: number;
  readonly step: number;
  readonly count: number;
}

export function relativeWindows({ end, rangeNs, stepNs, count }: CountWindows): RelativeWindows {
  return { base: end - BigInt(Math.round(rangeNs)), range: rangeNs, step: stepNs, count };
}

/** The first window that holds a time, which lies after the base. */
export function firstWindow({ range, step, count }: RelativeWindows, time: number): number {
  if (count === 1 || time <= range) return 0;
  return Math.ceil((time - range) / step);
}

/** The last window that holds a time; less than the first where the time lies between two windows. */
export function lastWindow({ step, count }: RelativeWindows, time: number): number {
  if (count === 1) return 0;
  return Math.min(count, Math.ceil(time / step)) - 1;
}

/**
 * Counts per window, each entry touched once: it adds where its windows begin and takes away behind where they end, and
 * the sums from left to right are the answer. Counts are whole, so nothing is lost by it.
 */
export class WindowCounts {
  readonly #changes: Float64Array;

  constructor(count: number) {
    this.#changes = new Float64Array(count + 1);
  }

  add(first: number, last: number, amount: number): void {
    this.#changes[first] = (this.#changes[first] ?? 0) + amount;
    this.#changes[last + 1] = (this.#changes[last + 1] ?? 0) - amount;
  }

  /** One number per window. */
  totals(): Float64Array {
    const totals = new Float64Array(this.#changes.length - 1);
    let sum = 0;
    for (let k = 0; k < totals.length; k++) {
      sum += this.#changes[k] ?? 0;
      totals[k] = sum;
    }
    return totals;
  }
}

/** The samples of one series, as columns that grow; times need not come in order. */
export class SampleColumns {
  // Small: where every line makes a series of its own, there are very many.
  #times = new Float64Array(4);
  #values = new Float64Array(4);
  #length = 0;
  #ordered = true;

  get length(): number {
    return this.#length;
  }

  push(time: number, value: number): void {
    const at = this.#length;
    if (at === this.#times.length) {
      this.#times = grown(this.#times);
      this.#values = grown(this.#values);
    }
    if (at > 0 && time < (this.#times[at - 1] ?? 0)) this.#ordered = false;
    this.#times[at] = time;
    this.#values[at] = value;
    this.#length++;
  }

  /** In order of time; samples of one time keep the order they came in. */
  sorted(): { readonly times: Float64Array; readonly values: Float64Array } {
    const times = this.#times.subarray(0, this.#length);
    const values = this.#values.subarray(0, this.#length);
    if (this.#ordered) return { times, values };
    const order = Array.from(times.keys()).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
    return {
      times: Float64Array.from(order, (index) => times[index] ?? 0),
      values: Float64Array.from(order, (index) => values[index] ?? 0),
    };
  }
}

function grown(column: Float64Array): Float64Array<ArrayBuffer> {
  const next = new Float64Array(column.length * 2);
  next.set(column);
  return next;
}

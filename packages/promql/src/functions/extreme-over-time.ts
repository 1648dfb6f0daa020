import { slide } from '../eval/windows.ts';
import type { RangeFunction } from './types.ts';

/**
 * The best value of each window by a monotonic queue: every sample enters and leaves once, whatever the width
 * of the windows. NaN loses against everything and stands only alone.
 */
export function extremeOverTime(better: (a: number, b: number) => boolean): RangeFunction {
  return {
    kind: 'range',
    kernel(series, windows, out) {
      const queue = new MonotonicQueue(series.values, series.to - series.from, better);
      return slide(
        series,
        windows,
        1,
        (_series, from, to) => {
          queue.take(from, to);
          return queue.best(from);
        },
        out,
      );
    },
  };
}

/** Indices whose values get ever worse: the first one still in the window is the window's best. */
class MonotonicQueue {
  readonly #values: Float64Array;
  readonly #queue: Int32Array;
  readonly #better: (a: number, b: number) => boolean;
  #head = 0;
  #tail = 0;
  #taken = 0;

  constructor(values: Float64Array, capacity: number, better: (a: number, b: number) => boolean) {
    this.#values = values;
    this.#queue = new Int32Array(capacity);
    this.#better = better;
  }

  /** Takes in the samples of `[from, to)` it has not seen. */
  take(from: number, to: number): void {
    for (let i = Math.max(from, this.#taken); i < to; i++) {
      const value = this.#values[i];
      if (value !== value) continue;
      while (this.#tail > this.#head && !this.#better(this.#at(this.#tail - 1), value)) this.#tail--;
      this.#queue[this.#tail++] = i;
    }
    this.#taken = to;
  }

  best(from: number): number {
    while (this.#head < this.#tail && this.#queue[this.#head] < from) this.#head++;
    return this.#head < this.#tail ? this.#at(this.#head) : Number.NaN;
  }

  #at(place: number): number {
    return this.#values[this.#queue[place]] ?? Number.NaN;
  }
}

import { reach } from '../functions/extrapolation.ts';
import { firstAfter } from './select.ts';
import type { Windows } from './value.ts';

/**
 * Where the samples of each window lie, and what follows from that alone: computed once for all series whose samples have
 * the same times, as those of one target have.
 */
export class PlacedWindows {
  /** Window k holds the samples `[first[k], end[k])`. */
  readonly first: Int32Array;
  readonly end: Int32Array;
  readonly #timestamps: Float64Array;
  readonly #windows: Windows;
  #extents: Extents | undefined;

  /** Of the samples `[from, to)`; the times are read at once and never again. */
  constructor(timestamps: Float64Array, from: number, to: number, windows: Windows) {
    this.first = new Int32Array(windows.count);
    this.end = new Int32Array(windows.count);
    this.#timestamps = timestamps.slice(0, to);
    this.#windows = windows;
    let first = firstAfter(timestamps, from, to, windows.end - windows.range);
    let end = first;
    for (let k = 0; k < windows.count; k++) {
      const right = windows.end + k * windows.step;
      while (end < to && timestamps[end] <= right) end++;
      while (first < end && timestamps[first] <= right - windows.range) first++;
      this.first[k] = first;
      this.end[k] = end;
    }
  }

  /** What an extrapolation needs of each window with two samples or more. */
  get extents(): Extents {
    this.#extents ??= this.#measure();
    return this.#extents;
  }

  #measure(): Extents {
    const { count, end: firstEnd, step, range } = this.#windows;
    const extents = {
      sampled: new Float64Array(count),
      toStart: new Float64Array(count),
      toEnd: new Float64Array(count),
      factor: new Float64Array(count),
      perSecond: new Float64Array(count),
      seconds: range / 1000,
    };
    for (let k = 0; k < count; k++) {
      const samples = this.end[k] - this.first[k];
      if (samples < 2) continue;
      const right = firstEnd + k * step;
      const oldest = this.#timestamps[this.first[k]];
      const newest = this.#timestamps[this.end[k] - 1];
      const sampled = newest - oldest;
      const toStart = reach(sampled, samples, oldest - (right - range), Number.POSITIVE_INFINITY);
      const toEnd = reach(sampled, samples, right - newest, Number.POSITIVE_INFINITY);
      extents.sampled[k] = sampled;
      extents.toStart[k] = toStart;
      extents.toEnd[k] = toEnd;
      extents.factor[k] = (sampled + toStart + toEnd) / sampled;
      extents.perSecond[k] = extents.factor[k] / extents.seconds;
    }
    return extents;
  }
}

/** Per window, times in ms: what lies between its first and last sample, and how far these are extended. */
export interface Extents {
  readonly sampled: Float64Array;
  readonly toStart: Float64Array;
  readonly toEnd: Float64Array;
  /** By how much a difference over the samples grows; and the same per second of the window. */
  readonly factor: Float64Array;
  readonly perSecond: Float64Array;
  /** Width of the windows. */
  readonly seconds: number;
}

import type { Histogram } from '@pharos/promql';
import { decodeHistogram } from '../histograms/codec.ts';
import type { ColumnWindow } from './merge.ts';
import type { RecordWindow } from './record-columns.ts';

/** A window that may hold native histograms and start times; both are aligned with `timestamps` and absent when there are none. */
export interface RichWindow extends ColumnWindow {
  readonly histograms?: readonly (Histogram | undefined)[];
  readonly starts?: Float64Array;
}

/** The samples of a window of histograms alone. */
export function windowOfRecords(
  { timestamps, starts, records }: RecordWindow,
  wantStarts: boolean,
): RichWindow {
  const values = new Float64Array(timestamps.length).fill(Number.NaN);
  const histograms = records.map(decodeHistogram);
  const known = wantStarts && starts.some((start) => start !== 0);
  return { timestamps, values, from: 0, to: timestamps.length, histograms, ...(known ? { starts } : {}) };
}

/**
 * Merges two windows by time into columns of their own. Where both have a time, the first one's sample stays, and the start time of
 * whichever knows it.
 */
export function mergeRich(first: RichWindow, second: RichWindow): RichWindow {
  const size = first.to - first.from + second.to - second.from;
  const timestamps = new Float64Array(size);
  const values = new Float64Array(size);
  const histograms: (Histogram | undefined)[] | null =
    first.histograms === undefined && second.histograms === undefined ? null : [];
  const starts = first.starts === undefined && second.starts === undefined ? null : new Float64Array(size);
  let to = 0;
  const take = (window: RichWindow, i: number): void => {
    timestamps[to] = window.timestamps[i];
    // By a typed array's own copy, so that a staleness marker keeps its bits.
    values.set(window.values.subarray(i, i + 1), to);
    histograms?.push(window.histograms?.[i]);
    if (starts !== null) starts[to] = window.starts?.[i] ?? 0;
    to++;
  };
  let a = first.from;
  let b = second.from;
  while (a < first.to || b < second.to) {
    const left = a < first.to ? first.timestamps[a] : Number.POSITIVE_INFINITY;
    const right = b < second.to ? second.timestamps[b] : Number.POSITIVE_INFINITY;
    if (left <= right) take(first, a++);
    else take(second, b);
    if (right > left) continue;
    if (starts !== null && starts[to - 1] === 0) starts[to - 1] = second.starts?.[b] ?? 0;
    b++;
  }
  return {
    timestamps,
    values,
    from: 0,
    to,
    ...(histograms === null ? {} : { histograms }),
    ...(starts === null ? {} : { starts }),
  };
}

/** Whether a window holds more than floats. */
export function isRich(window: RichWindow): boolean {
  return window.histograms !== undefined || window.starts !== undefined;
}

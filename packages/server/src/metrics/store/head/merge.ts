/** A window of two parallel columns; times rise strictly within it. */
export interface ColumnWindow {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  readonly from: number;
  readonly to: number;
}

export interface ColumnTarget {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  next: number;
}

/** Merges two windows by time into the target; where both have a time, the first one's sample stays. */
export function mergeColumns(first: ColumnWindow, second: ColumnWindow, target: ColumnTarget): void {
  let a = first.from;
  let b = second.from;
  let { next } = target;
  while (a < first.to && b < second.to) {
    const left = first.timestamps[a];
    const right = second.timestamps[b];
    if (left <= right) {
      target.timestamps[next] = left;
      target.values[next++] = first.values[a++];
      if (left === right) b++;
    } else {
      target.timestamps[next] = right;
      target.values[next++] = second.values[b++];
    }
  }
  next = copyRest(first, a, target, next);
  target.next = copyRest(second, b, target, next);
}

function copyRest(window: ColumnWindow, at: number, target: ColumnTarget, next: number): number {
  if (at >= window.to) return next;
  target.timestamps.set(window.timestamps.subarray(at, window.to), next);
  target.values.set(window.values.subarray(at, window.to), next);
  return next + window.to - at;
}

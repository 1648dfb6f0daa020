/** Samples that leave memory by time once the engine holds them. */
export interface Droppable {
  readonly bytes: number;
  /** Drops what the engine holds and is older than `below`; answers the newest time dropped, minus infinity for none. */
  dropFlushed(below: number, flushed: number): number;
  /** A time below which about a quarter of the samples lie. */
  quarterTime(): number;
}

/**
 * Drops aged samples the engine holds; and, while they take more than their budget, the oldest quarter of them. Answers the
 * newest time dropped.
 */
export function dropToFit(samples: Droppable, below: number, flushed: number, budgetBytes: number): number {
  let newest = samples.dropFlushed(below, flushed);
  while (samples.bytes > budgetBytes) {
    const dropped = samples.dropFlushed(samples.quarterTime(), flushed);
    if (dropped === Number.NEGATIVE_INFINITY) return newest;
    newest = Math.max(newest, dropped);
  }
  return newest;
}

/** {@link Droppable.quarterTime} of series by their oldest and newest times. */
export function quarterOf(series: Iterable<{ readonly first: number; readonly last: number }>): number {
  let oldest = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  for (const { first, last } of series) {
    oldest = Math.min(oldest, first);
    newest = Math.max(newest, last);
  }
  return oldest + Math.max(1, (newest - oldest) / 4);
}

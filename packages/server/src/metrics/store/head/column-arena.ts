/** Points per block at most; one block serves many series, so that a wide query does not allocate per series. */
const BLOCK_POINTS = 65_536;
/** The first block is small, for queries of a few series; each further one is four times as large. */
const FIRST_POINTS = 128;

/** Hands out contiguous stretches of two parallel columns (timestamps, values) for the life of one query. */
export class ColumnArena {
  timestamps = new Float64Array(0);
  values = new Float64Array(0);
  /** First free index of the present block. */
  next = 0;

  /** Makes room for `points` in a row from `next` on. Earlier stretches stay valid in their own block. */
  reserve(points: number): void {
    if (this.next + points <= this.timestamps.length) return;
    const next = Math.min(BLOCK_POINTS, Math.max(FIRST_POINTS, this.timestamps.length * 4));
    const length = Math.max(next, points);
    this.timestamps = new Float64Array(length);
    this.values = new Float64Array(length);
    this.next = 0;
  }
}

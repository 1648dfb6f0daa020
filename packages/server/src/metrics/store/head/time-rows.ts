/** Rows of one leaf at most: what an insertion moves, whatever the order rows come in. */
const LEAF_ROWS = 256;
const FIRST_ROWS = 4;
/** Bytes the object of a typed array and its buffer take. */
const COLUMN_OVERHEAD = 120;

/** A stretch of rows: `count` of each column, the first of which is the time. */
interface Leaf {
  count: number;
  columns: Float64Array[];
}

/** Where a row lies. Valid until the next change. */
export interface Row {
  readonly columns: readonly Float64Array[];
  readonly index: number;
}

/** Takes the rows [from, to) of some columns. */
export type TakeRows = (columns: readonly Float64Array[], from: number, to: number) => void;

/**
 * Rows of numbers by time, sorted and each time once. They lie in leaves of limited size, so that adding one costs as much in any
 * order: one column of all would be moved for each row that comes newest first.
 */
export class TimeRows {
  readonly #width: number;
  readonly #leaves: Leaf[] = [];
  #count = 0;
  /** Rows there is room for. */
  #room = 0;

  /** @param width - columns, that of the times too */
  constructor(width: number) {
    this.#width = width;
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes it takes. */
  get bytes(): number {
    return this.#width * (this.#room * 8 + this.#leaves.length * COLUMN_OVERHEAD);
  }

  /** The oldest time; infinite when empty. */
  get first(): number {
    return this.#count === 0 ? Number.POSITIVE_INFINITY : this.#leaves[0].columns[0][0];
  }

  /** The newest time; minus infinity when empty. */
  get last(): number {
    if (this.#count === 0) return Number.NEGATIVE_INFINITY;
    const { columns, count } = this.#leaves[this.#leaves.length - 1];
    return columns[0][count - 1];
  }

  /** Makes a row of that time, whose other numbers the caller writes; null when there is one already. */
  insert(time: number): Row | null {
    let at = this.#leafOf(time);
    let leaf = at < 0 ? this.#addLeaf(0, FIRST_ROWS) : this.#leaves[at];
    let index = lowerBound(leaf.columns[0], leaf.count, time);
    if (index < leaf.count && leaf.columns[0][index] === time) return null;
    if (leaf.count === LEAF_ROWS) {
      // At either end of all rows a leaf begins, so that those that come in order fill theirs.
      if (index === LEAF_ROWS && at === this.#leaves.length - 1) leaf = this.#addLeaf(++at, FIRST_ROWS);
      else if (index === 0) leaf = this.#addLeaf(0, FIRST_ROWS);
      else {
        const right = this.#split(at);
        if (index > leaf.count) leaf = right;
      }
      index = lowerBound(leaf.columns[0], leaf.count, time);
    } else if (leaf.count === leaf.columns[0].length) {
      this.#grow(leaf);
    }
    for (const column of leaf.columns)
      if (index < leaf.count) column.copyWithin(index + 1, index, leaf.count);
    leaf.columns[0][index] = time;
    leaf.count++;
    this.#count++;
    return { columns: leaf.columns, index };
  }

  /** The newest row of that time or before it, or null. */
  before(time: number): Row | null {
    const at = this.#leafOf(time);
    if (at < 0) return null;
    const { columns, count } = this.#leaves[at];
    const index = lowerBound(columns[0], count, time);
    if (index < count && columns[0][index] === time) return { columns, index };
    return index === 0 ? null : { columns, index: index - 1 };
  }

  /** The row of exactly that time, or null. */
  find(time: number): Row | null {
    const row = this.before(time);
    return row !== null && row.columns[0][row.index] === time ? row : null;
  }

  /** Hands out the rows of [from, below), oldest first, in stretches. */
  each(from: number, below: number, take: TakeRows): void {
    for (let at = Math.max(0, this.#leafOf(from)); at < this.#leaves.length; at++) {
      const { columns, count } = this.#leaves[at];
      if (columns[0][0] >= below) return;
      const begin = lowerBound(columns[0], count, from);
      const end = lowerBound(columns[0], count, below, begin);
      if (end > begin) take(columns, begin, end);
    }
  }

  /** Rows of [from, below). */
  countIn(from: number, below: number): number {
    let found = 0;
    this.each(from, below, (_, begin, end) => {
      found += end - begin;
    });
    return found;
  }

  /** Those of its rows that are kept, in rows of their own. */
  filter(isKept: (columns: readonly Float64Array[], index: number) => boolean): TimeRows {
    const kept = new TimeRows(this.#width);
    this.each(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, (columns, begin, end) => {
      for (let i = begin; i < end; i++) if (isKept(columns, i)) kept.#copy(columns, i);
    });
    return kept;
  }

  #copy(columns: readonly Float64Array[], index: number): void {
    const row = this.insert(columns[0][index]);
    // By a typed array's own copy, so that a staleness marker keeps its bits.
    row?.columns.forEach((column, c) => {
      column.set(columns[c].subarray(index, index + 1), row.index);
    });
  }

  /** The last leaf that begins at or before that time, otherwise the first one; -1 for none at all. */
  #leafOf(time: number): number {
    const leaves = this.#leaves;
    let low = 0;
    let high = leaves.length - 1;
    if (high >= 0 && leaves[high].columns[0][0] <= time) return high;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (leaves[middle].columns[0][0] <= time) low = middle;
      else high = middle - 1;
    }
    return high < 0 ? -1 : low;
  }

  #addLeaf(at: number, rows: number): Leaf {
    const columns = Array.from({ length: this.#width }, () => new Float64Array(rows));
    const leaf = { count: 0, columns };
    if (at === this.#leaves.length) this.#leaves.push(leaf);
    else this.#leaves.splice(at, 0, leaf);
    this.#room += rows;
    return leaf;
  }

  /** Moves the newer half of a full leaf into one of its own, which it answers. */
  #split(at: number): Leaf {
    const leaf = this.#leaves[at];
    const kept = LEAF_ROWS / 2;
    const right = this.#addLeaf(at + 1, LEAF_ROWS);
    leaf.columns.forEach((column, c) => right.columns[c].set(column.subarray(kept)));
    right.count = LEAF_ROWS - kept;
    leaf.count = kept;
    return right;
  }

  #grow(leaf: Leaf): void {
    const rows = Math.min(LEAF_ROWS, leaf.count + Math.max(FIRST_ROWS, leaf.count >> 1));
    this.#room += rows - leaf.count;
    leaf.columns = leaf.columns.map((column) => {
      const next = new Float64Array(rows);
      next.set(column);
      return next;
    });
  }
}

/** First index whose time is at least `timestamp`. */
export function lowerBound(timestamps: Float64Array, end: number, timestamp: number, start = 0): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestamps[middle] < timestamp) low = middle + 1;
    else high = middle;
  }
  return low;
}

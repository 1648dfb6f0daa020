import type { LabelList } from '../label-list.ts';
import { Labels } from '../labels.ts';
import type { Column, Room, Series, VectorValue } from './value.ts';

/**
 * A vector of floats as one block of rows: no object, and no view, per series. Operators that know blocks go through the
 * rows; for all others the series are made when they are first asked for. Every row has a value at some step.
 */
export class FloatBlock implements VectorValue {
  readonly type = 'vector';
  readonly floats = true;
  readonly namesPinned: boolean;
  readonly steps: number;
  readonly labels: LabelList;
  /** Which label set of the list each row has; no two rows have the same. */
  readonly items: Int32Array;
  /** Row-major; an entry means something where `present` is 1. */
  readonly values: Float64Array;
  readonly present: Uint8Array;
  #series: readonly Series[] | undefined;

  constructor(labels: LabelList, rows: BlockRows, namesPinned: boolean) {
    this.labels = labels;
    this.items = rows.items;
    this.values = rows.values;
    this.present = rows.present;
    this.steps = rows.steps;
    this.namesPinned = namesPinned;
  }

  get rows(): number {
    return this.items.length;
  }

  get series(): readonly Series[] {
    this.#series ??= Array.from(this.items, (item, row) => ({
      labels: this.labels.sets[item] ?? Labels.EMPTY,
      dropName: false,
      ...this.columnAt(row),
    }));
    return this.#series;
  }

  /**
   * The rows with only the cells of `present` left, which has as many as the block; a row without any goes. Values are
   * shared where every row stays.
   */
  only(present: Uint8Array): BlockRows {
    const { steps, items, values } = this;
    const kept = rowsWithAny(present, this.rows, steps);
    if (kept.length === this.rows) return { items, values, present, steps };
    const rows = {
      items: new Int32Array(kept.length),
      values: new Float64Array(kept.length * steps),
      present: new Uint8Array(kept.length * steps),
      steps,
    };
    for (let at = 0; at < kept.length; at++) {
      const row = kept[at];
      rows.items[at] = items[row];
      for (let from = row * steps, to = at * steps, k = 0; k < steps; k++) {
        rows.values[to + k] = values[from + k];
        rows.present[to + k] = present[from + k];
      }
    }
    return rows;
  }

  columnAt(row: number): Column {
    const from = row * this.steps;
    return {
      values: this.values.subarray(from, from + this.steps),
      present: this.present.subarray(from, from + this.steps),
    };
  }
}

function rowsWithAny(present: Uint8Array, rows: number, steps: number): Int32Array {
  const kept = new Int32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * steps;
    let cell = row * steps;
    while (cell < end && present[cell] === 0) cell++;
    if (cell < end) kept[count++] = row;
  }
  return kept.subarray(0, count);
}

export type BlockRows = Pick<FloatBlock, 'items' | 'values' | 'present' | 'steps'>;

/** Rows and cells at first, so that a wide selection in which little is present takes little. */
const FIRST_ROWS = 1024;
const FIRST_CELLS = 2 ** 20;
/** Up to this many steps a loop copies faster than a call does. */
const FEW_STEPS = 48;

/** Gathers rows, each filled into the same column. */
export class BlockBuilder {
  /** Where the next row is written: clean after each `add`. */
  readonly column: Column;
  readonly #steps: number;
  readonly #mostRows: number;
  readonly #room: Room | undefined;
  #items: Int32Array;
  #values: Float64Array;
  #present: Uint8Array;
  #rows = 0;

  /** Of `mostRows` at most. With `room` it fails as soon as there is none for another one; without where as much was held before. */
  constructor(steps: number, mostRows: number, room?: Room) {
    const rows = Math.max(1, Math.min(mostRows, FIRST_ROWS, Math.floor(FIRST_CELLS / Math.max(1, steps))));
    this.#steps = steps;
    this.#mostRows = mostRows;
    this.#room = room;
    this.#items = new Int32Array(rows);
    this.#values = new Float64Array(rows * steps);
    this.#present = new Uint8Array(rows * steps);
    this.column = { values: new Float64Array(steps), present: new Uint8Array(steps) };
  }

  get rows(): number {
    return this.#rows;
  }

  /** Takes the column as a row of label set `item`. */
  add(item: number): void {
    if (this.#rows === this.#items.length) this.#grow();
    const { values, present } = this.column;
    const base = this.#rows * this.#steps;
    if (this.#steps <= FEW_STEPS) {
      for (let k = 0; k < values.length; k++) {
        this.#values[base + k] = values[k];
        this.#present[base + k] = present[k];
        present[k] = 0;
      }
    } else {
      this.#values.set(values, base);
      this.#present.set(present, base);
      present.fill(0);
    }
    this.#items[this.#rows++] = item;
  }

  finish(): BlockRows {
    const cells = this.#rows * this.#steps;
    return {
      items: this.#items.subarray(0, this.#rows),
      values: this.#values.subarray(0, cells),
      present: this.#present.subarray(0, cells),
      steps: this.#steps,
    };
  }

  #grow(): void {
    const rows = Math.max(this.#rows + 1, Math.min(this.#items.length * 2, this.#mostRows));
    this.#room?.requireRoom((this.#rows + 1) * this.#steps);
    const [items, values, present] = [this.#items, this.#values, this.#present];
    this.#items = new Int32Array(rows);
    this.#values = new Float64Array(rows * this.#steps);
    this.#present = new Uint8Array(rows * this.#steps);
    this.#items.set(items);
    this.#values.set(values);
    this.#present.set(present);
  }
}

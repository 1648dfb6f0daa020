import { FIGURES, type Matrix, rowOf } from '../../api/matrix.ts';
import type { SeriesRow } from '../../ui/chart/select.ts';

export type LegendSort = 'name' | 'last' | 'min' | 'avg' | 'max';

/**
 * One series of an answer with its figures. It reads from the answer's columns when asked: of ten thousand only those that are drawn
 * or listed on the screen ever are.
 */
export class ExplorerRow implements SeriesRow {
  readonly name: string;
  readonly #matrix: Matrix;
  readonly #place: number;

  constructor(name: string, matrix: Matrix, place: number) {
    this.name = name;
    this.#matrix = matrix;
    this.#place = place;
  }

  get values(): Float64Array {
    return rowOf(this.#matrix, this.#place);
  }

  get last(): number | null {
    return this.#figure(0);
  }

  get min(): number | null {
    return this.#figure(1);
  }

  get avg(): number | null {
    return this.#figure(2);
  }

  get max(): number | null {
    return this.#figure(3);
  }

  #figure(which: number): number | null {
    const value = this.#matrix.figures[this.#place * FIGURES + which];
    return value === undefined || Number.isNaN(value) ? null : value;
  }
}

/** Largest first, names from A on; series without a value last. */
export function sortLegend(rows: readonly ExplorerRow[], by: LegendSort): ExplorerRow[] {
  if (by === 'name') return rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const figures = Float64Array.from(rows, (row) => row[by] ?? Number.NEGATIVE_INFINITY);
  const order = Uint32Array.from(rows.keys()).sort((a, b) => figures[b] - figures[a] || a - b);
  return Array.from(order, (index) => rows[index]).filter((row) => row !== undefined);
}

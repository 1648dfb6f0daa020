import type { SeriesRow } from '../../ui/chart/select.ts';

/** What the legend says of a series over the range; null without a value. */
export interface LegendRow {
  readonly name: string;
  /** Its place among the rows. */
  readonly index: number;
  readonly last: number | null;
  readonly min: number | null;
  readonly avg: number | null;
  readonly max: number | null;
}

export type LegendSort = 'name' | 'last' | 'min' | 'avg' | 'max';

export function legendRow({ name, values }: SeriesRow, index: number): LegendRow {
  let last: number | null = null;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let count = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value == null || Number.isNaN(value)) continue;
    last = value;
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    count++;
  }
  return count === 0
    ? { name, index, last, min: null, avg: null, max: null }
    : { name, index, last, min, avg: sum / count, max };
}

/** Largest first, names from A on; series without a value last. */
export function sortLegend(rows: readonly LegendRow[], by: LegendSort): LegendRow[] {
  if (by === 'name') return rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return rows.toSorted(
    (a, b) => (b[by] ?? Number.NEGATIVE_INFINITY) - (a[by] ?? Number.NEGATIVE_INFINITY) || a.index - b.index,
  );
}

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

/** A series with its figures, as the worker counted them. */
export interface ExplorerRow extends SeriesRow {
  /** Last, least, mean, greatest; NaN without any. */
  readonly figures: Float64Array;
}

export function legendRow({ name, figures }: ExplorerRow, index: number): LegendRow {
  const figure = (place: number): number | null => {
    const value = figures[place];
    return value === undefined || Number.isNaN(value) ? null : value;
  };
  return { name, index, last: figure(0), min: figure(1), avg: figure(2), max: figure(3) };
}

/** Largest first, names from A on; series without a value last. */
export function sortLegend(rows: readonly LegendRow[], by: LegendSort): LegendRow[] {
  if (by === 'name') return rows.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return rows.toSorted(
    (a, b) => (b[by] ?? Number.NEGATIVE_INFINITY) - (a[by] ?? Number.NEGATIVE_INFINITY) || a.index - b.index,
  );
}

export const MAX_SERIES = 8;

/** How series of a chart are stored: one row of `values` per name, all over the same instants. */
export interface SeriesRow {
  readonly name: string;
  readonly values: ArrayLike<number | null>;
  /** The last value, where it is known without a look at all. */
  readonly last?: number | null;
}

/** The last value that is one. */
export function lastValue(values: ArrayLike<number | null>): number | null {
  for (let index = values.length - 1; index >= 0; index--) {
    const value = values[index];
    if (value != null && !Number.isNaN(value)) return value;
  }
  return null;
}

export interface Selection {
  /** Indices of the rows to draw, largest last value first. */
  readonly shown: readonly number[];
  /** How many rows match the search. */
  readonly matching: number;
}

/** The rows a chart draws: those that match the search, the eight largest by last value. */
export function selectSeries(rows: readonly SeriesRow[], search: string, limit = MAX_SERIES): Selection {
  const needle = search.trim().toLowerCase();
  const top: { index: number; last: number }[] = [];
  let matching = 0;
  rows.forEach((row, index) => {
    if (needle !== '' && !row.name.toLowerCase().includes(needle)) return;
    matching++;
    const last = (row.last === undefined ? lastValue(row.values) : row.last) ?? Number.NEGATIVE_INFINITY;
    const weakest = top.at(-1);
    if (top.length === limit && weakest !== undefined && weakest.last >= last) return;
    const place = top.findIndex((entry) => entry.last < last);
    top.splice(place === -1 ? top.length : place, 0, { index, last });
    if (top.length > limit) top.pop();
  });
  return { shown: top.map(({ index }) => index), matching };
}

import type { SeriesView } from './props.ts';

/** Bounds of `le` texts as numbers, `+Inf` too. */
function bound(text: string): number {
  return text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
}

export interface HeatRows {
  /** From the lowest bucket up. */
  readonly labels: readonly string[];
  /** One row per bucket; NaN is nothing. */
  readonly rows: readonly Float64Array[];
}

/** Series of cumulative `le` buckets taken apart: each row holds what its bucket has more than the one below. Others stay as they are. */
export function bucketRows(series: readonly SeriesView[]): HeatRows {
  const bounds = series.map(({ labels, name }) => bound(labels['le'] ?? name));
  if (series.length === 0 || bounds.some((value) => Number.isNaN(value)))
    return { labels: series.map(({ name }) => name), rows: series.map(({ values }) => values) };
  const order = bounds.map((_, index) => index).sort((a, b) => (bounds[a] ?? 0) - (bounds[b] ?? 0));
  const rows = order.map((index, place) => {
    const own = series[index]?.values ?? new Float64Array();
    const below = place === 0 ? undefined : series[order[place - 1] ?? 0]?.values;
    return own.map((value, at) =>
      Math.max(0, value - (below === undefined || Number.isNaN(below[at] ?? 0) ? 0 : (below[at] ?? 0))),
    );
  });
  return { labels: order.map((index) => series[index]?.labels['le'] ?? series[index]?.name ?? ''), rows };
}

const BINS = 16;

/** How many series have a value within each of sixteen even bins, at each instant. */
export function valueRows(
  series: readonly SeriesView[],
  length: number,
  write: (value: number) => string,
): HeatRows {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const { values } of series)
    for (const value of values)
      if (Number.isFinite(value)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
  if (low > high) return { labels: [], rows: [] };
  const size = (high - low) / BINS || 1;
  const rows = Array.from({ length: BINS }, () => new Float64Array(length));
  for (const { values } of series)
    values.forEach((value, at) => {
      const row = Number.isFinite(value)
        ? rows[Math.min(BINS - 1, Math.floor((value - low) / size))]
        : undefined;
      if (row !== undefined) row[at] = (row[at] ?? 0) + 1;
    });
  return { labels: rows.map((_, index) => write(low + (index + 1) * size)), rows };
}

export interface Span {
  readonly from: number;
  /** Exclusive index. */
  readonly to: number;
  readonly value: number;
}

/** Runs of equal values (or every instant alone); a gap ends a run. */
export function spans(values: Float64Array, merge: boolean): readonly Span[] {
  const found: { from: number; to: number; value: number }[] = [];
  values.forEach((value, at) => {
    const last = found.at(-1);
    if (Number.isNaN(value)) return;
    if (merge && last !== undefined && last.to === at && last.value === value) last.to = at + 1;
    else found.push({ from: at, to: at + 1, value });
  });
  return found;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TICK_STEPS = [
  1000,
  2000,
  5000,
  10_000,
  15_000,
  30_000,
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 30, 90, 180, 365].map((count) => count * DAY),
];

/** Round instants (epoch ms) within a range, at most `most` of them. */
export function timeTicks(from: number, to: number, most: number): readonly number[] {
  const wanted = (to - from) / Math.max(1, most);
  const step = TICK_STEPS.find((size) => size >= wanted) ?? TICK_STEPS.at(-1) ?? DAY;
  const first = Math.ceil(from / step) * step;
  return Array.from(
    { length: Math.max(0, Math.floor((to - first) / step) + 1) },
    (_, index) => first + index * step,
  );
}

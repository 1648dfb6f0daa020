import type { Queryable, SelectRequest, SelectResult, SeriesColumns } from '@pharos/promql';
import { covers, type Tombstone } from './tombstones.ts';

/** A tenant's samples without what was deleted. */
export function withoutDeleted(inner: Queryable, tombstones: () => readonly Tombstone[]): Queryable {
  const inRange = ({ startExclusive, end }: SelectRequest): readonly Tombstone[] =>
    tombstones().filter(({ from, to }) => from <= end && to > startExclusive);
  return {
    async select(request, signal): Promise<SelectResult> {
      const result = await inner.select(request, signal);
      const stones = inRange(request);
      if (stones.length === 0) return result;
      return { ...result, series: result.series.flatMap((series) => hide(series, stones)) };
    },
    scan: (request) => (inRange(request).length === 0 ? (inner.scan?.(request) ?? null) : null),
  };
}

/** The series without the deleted stretches; nothing when all of it was deleted. */
function hide(series: SeriesColumns, stones: readonly Tombstone[]): SeriesColumns[] {
  const own = stones.filter((stone) => covers(stone, series.labels));
  if (own.length === 0) return [series];
  const { timestamps, from, to } = series;
  const kept: (readonly [from: number, to: number])[] = [];
  let begin = from;
  for (let i = from; i <= to; i++) {
    if (i < to && !own.some((stone) => timestamps[i] >= stone.from && timestamps[i] <= stone.to)) continue;
    if (i > begin) kept.push([begin, i]);
    begin = i + 1;
  }
  const count = kept.reduce((sum, [a, b]) => sum + b - a, 0);
  return count === 0 ? [] : [count === to - from ? series : copy(series, kept, count)];
}

/** Whole stretches are copied as such, so that staleness markers keep their bits. */
function copy(
  series: SeriesColumns,
  stretches: readonly (readonly [from: number, to: number])[],
  count: number,
): SeriesColumns {
  const take = (column: Float64Array): Float64Array => {
    const taken = new Float64Array(count);
    let at = 0;
    for (const [from, to] of stretches) {
      taken.set(column.subarray(from, to), at);
      at += to - from;
    }
    return taken;
  };
  const { labels, timestamps, values, histograms, starts } = series;
  return {
    labels,
    timestamps: take(timestamps),
    values: take(values),
    ...(histograms !== undefined && {
      histograms: stretches.flatMap(([from, to]) => histograms.slice(from, to)),
    }),
    ...(starts !== undefined && { starts: take(starts) }),
    from: 0,
    to: count,
  };
}

import type {
  BucketColumns,
  Downsampled,
  DownsampledPiece,
  DownsampleRequest,
  Queryable,
  SelectRequest,
  SelectResult,
  SeriesColumns,
} from '@pharos/promql';
import { pickBuckets } from '../downsample/pick.ts';
import { covers, type Tombstone } from './tombstones.ts';

/** Buckets are read this much before a window at most: two of the widest. */
const BUCKET_REACH_MS = 2 * 3_600_000;

export interface HidingSource extends Queryable {
  /** With `neededOnly` only where the samples are gone. */
  downsampled?(
    request: DownsampleRequest,
    signal?: AbortSignal,
    neededOnly?: boolean,
  ): Promise<Downsampled | null>;
}

/**
 * A tenant's samples without what was deleted. A bucket that a deletion touches is hidden as a whole, and read only where there
 * are no samples left.
 */
export function withoutDeleted(inner: HidingSource, tombstones: () => readonly Tombstone[]): Queryable {
  const inRange = ({ startExclusive, end }: SelectRequest): readonly Tombstone[] =>
    tombstones().filter(({ from, to }) => from <= end && to > startExclusive);
  return {
    async select(request, signal): Promise<SelectResult> {
      // Of before and after: one may come, and one whose samples have left memory may go, while they are read.
      const before = inRange(request);
      const result = await inner.select(request, signal);
      const stones = [...before, ...inRange(request).filter((stone) => !before.includes(stone))];
      if (stones.length === 0) return result;
      return { ...result, series: result.series.flatMap((series) => hide(series, stones)) };
    },
    async downsampled(request, signal): Promise<Downsampled | null> {
      const startExclusive = request.startExclusive - BUCKET_REACH_MS;
      const stones = inRange({ ...request, startExclusive });
      const found = await inner.downsampled?.(request, signal, stones.length > 0);
      if (found == null || stones.length === 0) return found ?? null;
      const raw = found.raw.flatMap((series) => hide(series, stones));
      return { ...found, raw, pieces: found.pieces.map((piece) => hideBuckets(piece, stones)) };
    },
    scan: (request) => (inRange(request).length === 0 ? (inner.scan?.(request) ?? null) : null),
  };
}

function hideBuckets(piece: DownsampledPiece, stones: readonly Tombstone[]): DownsampledPiece {
  const untouched = (buckets: BucketColumns): BucketColumns => {
    const own = stones.filter((stone) => covers(stone, buckets.labels));
    if (own.length === 0) return buckets;
    const { ends, from, to } = buckets;
    const places: number[] = [];
    for (let i = from; i < to; i++)
      if (!own.some((stone) => stone.from <= ends[i] && stone.to > ends[i] - piece.resolution))
        places.push(i);
    return pickBuckets(buckets, places);
  };
  return { ...piece, series: piece.series.map(untouched) };
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

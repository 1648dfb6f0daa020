import type { DownsampleRequest } from '../storage.ts';
import type { BucketGrid } from './buckets.ts';

/** Buckets of one width that a storage holds. */
export interface Tier {
  readonly resolution: number;
  /** From this time (ms, exclusive) on every bucket is there. */
  readonly from: number;
}

export interface Availability {
  readonly tiers: readonly Tier[];
  /** All tiers end here, at the end of a bucket of each of them. */
  readonly seam: number;
  /** Every sample after this time is there; where it is over the seam, nothing is between them. */
  readonly rawFrom: number;
}

export interface PlannedPiece {
  readonly resolution: number;
  /** Steps `[from, to)`. */
  readonly from: number;
  readonly to: number;
  /** The buckets that end in `(open, close]` are needed, some of them maybe after the seam. */
  readonly open: number;
  readonly close: number;
}

/** Whether the request's times are those of whole buckets, so that buckets tell all that samples tell. */
export function isAligned({ windows, instant }: DownsampleRequest, resolution: number): boolean {
  const { first, step, count, range } = windows;
  const whole = (ms: number): boolean => ms % resolution === 0;
  return whole(first) && (count === 1 || whole(step)) && (instant || whole(range));
}

/**
 * Which steps of a request buckets answer: those whose windows begin before the samples do, and with `prefer` also those that
 * buckets answer exactly. Steps go from the past on, so samples answer the rest.
 */
export function planPieces(
  request: DownsampleRequest,
  availability: Availability,
  prefer: boolean,
): readonly PlannedPiece[] {
  const { first, step, count, range } = request.windows;
  const pieces: PlannedPiece[] = [];
  let from = 0;
  let current: number | undefined;
  for (let k = 0; k <= count; k++) {
    const open = first + k * step - range;
    const resolution = k === count ? undefined : resolutionFor(request, availability, { open, prefer });
    if (k > 0 && resolution === current) continue;
    if (current !== undefined) pieces.push(pieceOf(request, { resolution: current, from, to: k }));
    if (resolution === undefined) break;
    current = resolution;
    from = k;
  }
  return pieces;
}

function resolutionFor(
  request: DownsampleRequest,
  { tiers, seam, rawFrom }: Availability,
  { open, prefer }: { readonly open: number; readonly prefer: boolean },
): number | undefined {
  const needed = open < rawFrom;
  if (open >= seam || (!needed && !prefer)) return undefined;
  const reaching = tiers.filter((tier) => tier.from <= open).map(({ resolution }) => resolution);
  const exact = reaching.filter((resolution) => request.exact && isAligned(request, resolution));
  if (exact.length > 0) return Math.max(...exact);
  if (!needed) return undefined;
  if (reaching.length > 0) return Math.min(...reaching);
  return tiers.reduce<Tier | undefined>(
    (best, tier) => (best === undefined || tier.from < best.from ? tier : best),
    undefined,
  )?.resolution;
}

/** Width of a window in whole buckets. */
export function bucketWidth(range: number, resolution: number): number {
  return Math.max(resolution, Math.round(range / resolution) * resolution);
}

/** Where the bucket ends that a step looks at last. */
export function bucketBefore(time: number, resolution: number, phase = 0): number {
  return phase + Math.floor((time - phase) / resolution) * resolution;
}

export interface OwnPiece {
  readonly grid: BucketGrid;
  /** Steps `[0, to)`. */
  readonly to: number;
  /** The buckets that end in `(open, close]`, both ends of buckets. */
  readonly open: number;
  readonly close: number;
}

/**
 * The steps whose windows end before a time, and the widest buckets of which each of their windows is made, as they would be cut for
 * this request alone. Undefined where there is no such step, or where buckets cannot tell what is asked.
 */
export function planOwn(
  { windows, instant, exact }: DownsampleRequest,
  before: number,
): OwnPiece | undefined {
  const { first, step, count, range } = windows;
  if (!exact || first >= before) return undefined;
  const alone = count === 1 || step === 0;
  const resolution = alone ? range : instant ? step : greatestDivisor(step, range);
  const to = alone ? count : Math.min(count, Math.ceil((before - first) / step));
  return {
    grid: { resolution, phase: first % resolution },
    to,
    open: first - Math.ceil(range / resolution) * resolution,
    close: first + (to - 1) * step,
  };
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function pieceOf(
  { windows, instant }: DownsampleRequest,
  { resolution, from, to }: { readonly resolution: number; readonly from: number; readonly to: number },
): PlannedPiece {
  const { first, step, range } = windows;
  // What only buckets' last samples answer is seen in windows of two buckets at least.
  const reach = instant ? range : Math.max(bucketWidth(range, resolution), 2 * resolution);
  const open = bucketBefore(first + from * step, resolution) - reach;
  return { resolution, from, to, open, close: bucketBefore(first + (to - 1) * step, resolution) };
}

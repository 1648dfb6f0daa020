import type { CountedSeries, CountRequest } from '@pharos/logql';
import type { Labels } from '@pharos/promql';
import type { TimeWindow } from './stream-catalogue.ts';

/**
 * Buckets that windows are made of: the widest that both step and range are whole numbers of. Bucket `b` is
 * `(base + b*width, base + (b+1)*width]`.
 */
export interface BucketGrid {
  /** ns since the epoch: where the first window begins. */
  readonly base: bigint;
  readonly width: bigint;
  readonly buckets: number;
  /** All of them as a window from inclusive, to exclusive. */
  readonly window: TimeWindow;
  readonly bucketsPerStep: number;
  readonly bucketsPerWindow: number;
  readonly windows: number;
}

const MOST_BUCKETS = 50_000;

/** Null where the buckets would be too many, or times are no whole nanoseconds. */
export function bucketGrid({ end, stepNs, rangeNs, count }: CountRequest['windows']): BucketGrid | null {
  if (!Number.isSafeInteger(rangeNs) || rangeNs <= 0 || count < 1) return null;
  if (count > 1 && (!Number.isSafeInteger(stepNs) || stepNs <= 0)) return null;
  const step = count === 1 ? BigInt(rangeNs) : BigInt(stepNs);
  const range = BigInt(rangeNs);
  const width = greatestDivisor(step, range);
  const bucketsPerWindow = Number(range / width);
  const bucketsPerStep = Number(step / width);
  const buckets = bucketsPerWindow + (count - 1) * bucketsPerStep;
  if (buckets > MOST_BUCKETS) return null;
  const base = end - range;
  const window = { from: base < 0n ? 0n : base + 1n, to: base + BigInt(buckets) * width + 1n };
  if (window.to <= window.from || window.to >= 2n ** 63n) return null;
  return { base, width, buckets, window, bucketsPerStep, bucketsPerWindow, windows: count };
}

const SECOND = 1_000_000_000n;

/** A grid in whole seconds since the epoch; null for one whose edges lie between them. */
export function gridInSeconds({
  base,
  width,
  buckets,
}: BucketGrid): { readonly base: bigint; readonly width: bigint; readonly end: bigint } | null {
  if (base < 0n || base % SECOND !== 0n || width % SECOND !== 0n) return null;
  return {
    base: base / SECOND,
    width: width / SECOND,
    end: (base + BigInt(buckets) * width) / SECOND,
  };
}

function greatestDivisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : greatestDivisor(b, a % b);
}

interface Amounts {
  readonly lines: number;
  readonly amount: number;
}

interface Sums {
  readonly labels: Labels;
  /** Differences between neighbours; their running sum is the value. */
  readonly amounts: Float64Array;
  readonly lines: Float64Array;
}

/** Adds buckets up to windows, by labels. */
export class WindowSums {
  readonly #grid: BucketGrid;
  readonly #series = new Map<string, Sums>();

  constructor(grid: BucketGrid) {
    this.#grid = grid;
  }

  addAt(labels: Labels, time: bigint, amounts: Amounts): void {
    this.add(labels, Number((time - this.#grid.base - 1n) / this.#grid.width), amounts);
  }

  /** Adds to every window the bucket lies in. */
  add(labels: Labels, bucket: number, { lines, amount }: Amounts): void {
    const { bucketsPerStep, bucketsPerWindow, windows } = this.#grid;
    const first = Math.max(0, Math.ceil((bucket - bucketsPerWindow + 1) / bucketsPerStep));
    const last = Math.min(windows - 1, Math.floor(bucket / bucketsPerStep));
    if (first > last) return;
    let sums = this.#series.get(labels.key);
    if (sums === undefined) {
      sums = { labels, amounts: new Float64Array(windows + 1), lines: new Float64Array(windows + 1) };
      this.#series.set(labels.key, sums);
    }
    sums.amounts[first] = (sums.amounts[first] ?? 0) + amount;
    sums.amounts[last + 1] = (sums.amounts[last + 1] ?? 0) - amount;
    sums.lines[first] = (sums.lines[first] ?? 0) + lines;
    sums.lines[last + 1] = (sums.lines[last + 1] ?? 0) - lines;
  }

  series(): readonly CountedSeries[] {
    const { windows } = this.#grid;
    return [...this.#series.values()].map(({ labels, amounts, lines }) => ({
      labels,
      values: running(amounts).subarray(0, windows),
      present: Uint8Array.from(running(lines).subarray(0, windows), (count) => (count > 0 ? 1 : 0)),
    }));
  }
}

function running(differences: Float64Array): Float64Array {
  let sum = 0;
  return differences.map((difference) => (sum += difference));
}

import type { EvalContext } from '../eval/context.ts';
import { dropName } from '../eval/names.ts';
import type { Series, VectorValue } from '../eval/value.ts';
import { ColumnPool, vectorOf } from '../eval/value.ts';
import type { Histogram } from '../histogram/histogram.ts';
import type { Labels } from '../labels.ts';
import type { Span } from '../text/position.ts';

/** Ascending cumulative buckets at one step, used again for the next one; the fixes below change them in place. */
export class Buckets {
  length = 0;
  readonly bounds: Float64Array;
  readonly counts: Float64Array;

  constructor(most: number) {
    this.bounds = new Float64Array(most);
    this.counts = new Float64Array(most);
  }

  push(bound: number, count: number): void {
    this.bounds[this.length] = bound;
    this.counts[this.length++] = count;
  }

  /** Whether the last bucket holds everything, as that of a histogram does. */
  get areWhole(): boolean {
    return this.length > 0 && this.bounds[this.length - 1] === Number.POSITIVE_INFINITY;
  }

  /** The last count; 0 without buckets. */
  get total(): number {
    return this.length === 0 ? 0 : this.counts[this.length - 1];
  }
}

interface BucketSeries {
  readonly upperBound: number;
  readonly series: Series;
}

/** The series of one histogram: classic buckets, and the native one of the same labels. */
interface Group {
  readonly labels: Labels;
  readonly metricName: string;
  readonly buckets: BucketSeries[];
  readonly native: Series[];
}

/** What a function makes of either kind of histogram at a step. */
export interface HistogramReader {
  /** The buckets may be changed. */
  readonly classic: (buckets: Buckets, step: number, metricName: string) => number;
  readonly native: (histogram: Histogram, step: number, metricName: string) => number;
}

const BUCKET_LABEL = 'le';
const DROPPED = new Set([BUCKET_LABEL]);

/**
 * Computes one value per histogram and step. The `_bucket` series of a vector are put together by their other labels (their
 * names too: those of two metrics stay apart), once; each step then sees the buckets present there, ascending. Where a
 * native histogram stands beside them, neither is taken.
 */
export async function perHistogram(
  context: EvalContext,
  vector: VectorValue,
  span: Span,
  reader: HistogramReader,
): Promise<VectorValue> {
  const { budget } = context;
  const groups = await collect(context, vector, span);
  const steps = vector.series[0]?.present.length ?? 0;
  const pool = new ColumnPool(steps, groups.length);
  const result: Series[] = [];
  for (const { labels, metricName, buckets, native } of groups) {
    const column = pool.take();
    buckets.sort((a, b) => a.upperBound - b.upperBound);
    const here = new Buckets(buckets.length);
    for (let k = 0; k < steps; k++) {
      here.length = 0;
      for (const { upperBound, series } of buckets)
        if (isFloatAt(series, k)) here.push(upperBound, series.values[k]);
      const histogram = nativeAt(native, k);
      if (histogram !== undefined && here.length > 0) {
        context.annotations.mixedClassicAndNative(span, metricName);
        continue;
      }
      if (histogram === undefined && here.length === 0) continue;
      column.values[k] =
        histogram === undefined
          ? reader.classic(here, k, metricName)
          : reader.native(histogram, k, metricName);
      column.present[k] = 1;
    }
    result.push({ ...dropName(context, labels), ...column });
    if (budget.spend(steps * buckets.length * 8)) await budget.pause();
  }
  return vectorOf(result, vector.namesPinned);
}

function isFloatAt(series: Series, step: number): boolean {
  return series.present[step] === 1 && series.histograms?.[step] === undefined;
}

function nativeAt(series: readonly Series[], step: number): Histogram | undefined {
  for (const one of series)
    if (one.present[step] === 1 && one.histograms?.[step]) return one.histograms[step];
  return undefined;
}

async function collect(context: EvalContext, vector: VectorValue, span: Span): Promise<readonly Group[]> {
  const byLabels = new Map<string, Group>();
  const groupOf = (labels: Labels): Group => {
    const known = byLabels.get(labels.key);
    if (known !== undefined) return known;
    const group = { labels, metricName: labels.metricName, buckets: [], native: [] };
    byLabels.set(labels.key, group);
    return group;
  };
  for (const series of vector.series) {
    if (context.budget.spend(200)) await context.budget.pause();
    if (series.histograms !== undefined) {
      groupOf(series.labels).native.push(series);
      if (!series.present.some((_, step) => isFloatAt(series, step))) continue;
    }
    const text = series.labels.get(BUCKET_LABEL);
    const upperBound = parseBound(text);
    const metricName = series.labels.metricName;
    if (upperBound === undefined) {
      context.annotations.badBucketLabel(span, metricName, text);
      continue;
    }
    groupOf(series.labels.without(DROPPED)).buckets.push({ upperBound, series });
  }
  return [...byLabels.values()];
}

function parseBound(text: string): number | undefined {
  if (/^\+?inf(?:inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-inf(?:inity)?$/i.test(text)) return Number.NEGATIVE_INFINITY;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

/** Adds up buckets of one bound (`1` and `1.0`). */
export function coalesce(buckets: Buckets): void {
  const { bounds, counts, length } = buckets;
  let merged = 0;
  for (let i = 0; i < length; i++) {
    if (merged > 0 && bounds[merged - 1] === bounds[i]) counts[merged - 1] += counts[i];
    else {
      bounds[merged] = bounds[i];
      counts[merged++] = counts[i];
    }
  }
  buckets.length = merged;
}

/** Differences this small (relative) between neighbours are rounding, not observations. */
const SMALL_DELTA = 1e-12;

/** Makes counts rise; answers whether a real drop, more than rounding, had to be mended. */
export function forceMonotonic({ counts, length }: Buckets): boolean {
  let forced = false;
  let before = length === 0 ? 0 : counts[0];
  for (let i = 1; i < length; i++) {
    const count = counts[i];
    if (count === before) continue;
    if (almostEqual(before, count)) counts[i] = before;
    else if (count < before) {
      counts[i] = before;
      forced = true;
    } else before = count;
  }
  return forced;
}

function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  if (a === b) return true;
  const size = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || size < 2.2250738585072014e-308)
    return difference < SMALL_DELTA * 2.2250738585072014e-308;
  return difference / Math.min(size, Number.MAX_VALUE) < SMALL_DELTA;
}

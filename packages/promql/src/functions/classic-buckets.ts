import type { EvalContext } from '../eval/context.ts';
import { dropName } from '../eval/names.ts';
import type { Series, VectorValue } from '../eval/value.ts';
import { ColumnPool, vectorOf } from '../eval/value.ts';
import type { Histogram } from '../histogram/histogram.ts';
import type { Labels } from '../labels.ts';
import type { Span } from '../text/position.ts';

export interface Bucket {
  readonly upperBound: number;
  /** Cumulative; the fixes below change it in place. */
  count: number;
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
  readonly classic: (buckets: Bucket[], step: number, metricName: string) => number;
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
    for (let k = 0; k < steps; k++) {
      const here: Bucket[] = [];
      for (const { upperBound, series } of buckets)
        if (isFloatAt(series, k)) here.push({ upperBound, count: series.values[k] });
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

/** Buckets of one bound (`1` and `1.0`) added together. */
export function coalesce(buckets: readonly Bucket[]): Bucket[] {
  const merged: Bucket[] = [];
  for (const bucket of buckets) {
    const last = merged.at(-1);
    if (last !== undefined && last.upperBound === bucket.upperBound) last.count += bucket.count;
    else merged.push({ ...bucket });
  }
  return merged;
}

/** Differences this small (relative) between neighbours are rounding, not observations. */
const SMALL_DELTA = 1e-12;

/** Makes counts rise; answers whether a real drop, more than rounding, had to be mended. */
export function forceMonotonic(buckets: Bucket[]): boolean {
  let forced = false;
  let before = buckets[0]?.count ?? 0;
  for (const bucket of buckets.slice(1)) {
    if (bucket.count === before) continue;
    if (almostEqual(before, bucket.count)) bucket.count = before;
    else if (bucket.count < before) {
      bucket.count = before;
      forced = true;
    } else before = bucket.count;
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

import type { EvalContext } from '../eval/context.ts';
import { dropName } from '../eval/names.ts';
import type { Series, VectorValue } from '../eval/value.ts';
import { ColumnPool, vectorOf } from '../eval/value.ts';
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

interface Histogram {
  readonly labels: Labels;
  readonly metricName: string;
  readonly buckets: BucketSeries[];
}

const BUCKET_LABEL = 'le';
const DROPPED = new Set([BUCKET_LABEL]);

/**
 * Computes one value per classic histogram and step. The `_bucket` series of a vector are put together by their
 * other labels (their names too: those of two metrics stay apart), once; each step then sees the buckets present there, ascending.
 */
export async function perHistogram(
  context: EvalContext,
  vector: VectorValue,
  span: Span,
  compute: (buckets: Bucket[], step: number, metricName: string) => number,
): Promise<VectorValue> {
  const { budget } = context;
  const histograms = await collect(context, vector, span);
  const steps = vector.series[0]?.present.length ?? 0;
  const pool = new ColumnPool(steps, histograms.length);
  const result: Series[] = [];
  for (const { labels, metricName, buckets } of histograms) {
    const column = pool.take();
    buckets.sort((a, b) => a.upperBound - b.upperBound);
    for (let k = 0; k < steps; k++) {
      const here: Bucket[] = [];
      for (const { upperBound, series } of buckets)
        if (series.present[k] === 1) here.push({ upperBound, count: series.values[k] });
      if (here.length === 0) continue;
      column.values[k] = compute(here, k, metricName);
      column.present[k] = 1;
    }
    result.push({ ...dropName(context, labels), ...column });
    if (budget.spend(steps * buckets.length * 8)) await budget.pause();
  }
  return vectorOf(result, vector.namesPinned);
}

async function collect(context: EvalContext, vector: VectorValue, span: Span): Promise<readonly Histogram[]> {
  const byLabels = new Map<string, Histogram>();
  for (const series of vector.series) {
    if (context.budget.spend(200)) await context.budget.pause();
    const text = series.labels.get(BUCKET_LABEL);
    const upperBound = parseBound(text);
    const metricName = series.labels.metricName;
    if (upperBound === undefined) {
      context.annotations.badBucketLabel(span, metricName, text);
      continue;
    }
    const labels = series.labels.without(DROPPED);
    const histogram = byLabels.get(labels.key) ?? { labels, metricName, buckets: [] };
    byLabels.set(labels.key, histogram);
    histogram.buckets.push({ upperBound, series });
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

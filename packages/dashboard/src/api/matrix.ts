import { bucketsOf, QUANTILES, quantileOf } from './histogram.ts';

/**
 * Answers of `query_range` (Prometheus HTTP API, matrix) as columns: one flat array for all values, so that 10,000 series cross from
 * the worker to the page without a copy per point. Parsed by hand, since a schema over a million pairs would take seconds.
 */
export interface Matrix {
  /** Epoch seconds. */
  readonly times: Float64Array;
  readonly names: readonly string[];
  /** How many series were native histograms; each stands as its median, p95 and p99. */
  readonly histograms: number;
  /** `names.length` rows of `times.length`; NaN is a gap. */
  readonly values: Float64Array;
  /** Per series its last value, least, mean and greatest: counted here, so that the page's thread need not. NaN without any. */
  readonly figures: Float64Array;
}

/** How many figures each series has. */
export const FIGURES = 4;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `GET /api/v1/orders` from method and route, or the labels as they are when they say something else. */
export function seriesName(metric: Readonly<Record<string, unknown>>): string {
  const { __name__: name, method, route, ...rest } = metric;
  const others = Object.entries(rest)
    .toSorted(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([label, value]) => `${label}="${String(value)}"`);
  const endpoint = [method, route].filter((part) => typeof part === 'string' && part !== '').join(' ');
  const labels = others.length === 0 ? '' : `{${others.join(', ')}}`;
  return `${typeof name === 'string' ? name : ''}${endpoint}${labels}` || 'all';
}

/** `http_requests_total{code="200", job="api"}`; `{}` when nothing is left to tell it apart. */
export function selectorName(metric: Readonly<Record<string, unknown>>): string {
  const { __name__: name, ...rest } = metric;
  const labels = Object.entries(rest).map(([label, value]) => `${label}=${JSON.stringify(String(value))}`);
  const set = labels.length === 0 ? '' : `{${labels.join(', ')}}`;
  return `${typeof name === 'string' ? name : ''}${set}` || '{}';
}

/** Prometheus writes infinities as `+Inf` and `-Inf`. */
export function sampleValue(text: unknown): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

interface Line {
  readonly metric: Readonly<Record<string, unknown>>;
  readonly pairs: readonly unknown[];
}

/** A series' floats, and its histograms as lines of their quantiles; null when it has neither. */
function linesOf(series: Readonly<Record<string, unknown>>): readonly Line[] | null {
  const metric = isRecord(series['metric']) ? series['metric'] : {};
  const { values, histograms } = series;
  const floats = Array.isArray(values) ? [{ metric, pairs: values }] : [];
  if (!Array.isArray(histograms)) return floats.length === 0 ? null : floats;
  const read = histograms.flatMap((pair: unknown) =>
    Array.isArray(pair) ? [[Number(pair[0]), bucketsOf(pair[1])] as const] : [],
  );
  return [
    ...floats,
    ...QUANTILES.map((quantile) => ({
      metric: { ...metric, quantile },
      pairs: read.map(([at, buckets]) => [at, quantileOf(buckets, quantile)]),
    })),
  ];
}

/** Reads a matrix over the grid that was asked for; null when the answer is something else. */
export function parseMatrix(
  body: unknown,
  { start, end, step }: { readonly start: number; readonly end: number; readonly step: number },
  nameOf = seriesName,
): Matrix | null {
  if (!isRecord(body) || !isRecord(body['data'])) return null;
  const { resultType, result } = body['data'];
  if (resultType !== 'matrix' || !Array.isArray(result)) return null;
  const lines: Line[] = [];
  let histograms = 0;
  for (const series of result) {
    const own = isRecord(series) ? linesOf(series) : null;
    if (own === null) return null;
    lines.push(...own);
    if (isRecord(series) && Array.isArray(series['histograms'])) histograms++;
  }
  const count = Math.max(0, Math.min(11_000, Math.floor((end - start) / step + 1e-9) + 1));
  const times = Float64Array.from({ length: count }, (_, index) => start + index * step);
  const values = new Float64Array(lines.length * count).fill(Number.NaN);
  const figures = new Float64Array(lines.length * FIGURES);
  for (const [row, { pairs }] of lines.entries()) {
    for (const pair of pairs) {
      if (!Array.isArray(pair)) return null;
      const place = Math.round((Number(pair[0]) - start) / step);
      if (place >= 0 && place < count) values[row * count + place] = sampleValue(pair[1]);
    }
    figures.set(figuresOf(values.subarray(row * count, (row + 1) * count)), row * FIGURES);
  }
  return { times, names: lines.map(({ metric }) => nameOf(metric)), histograms, values, figures };
}

/** Last, least, mean, greatest of the values that are there; NaN without any. */
function figuresOf(values: Float64Array): readonly [number, number, number, number] {
  let [last, least, greatest] = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    last = value;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
    sum += value;
    count++;
  }
  return count === 0
    ? [Number.NaN, Number.NaN, Number.NaN, Number.NaN]
    : [last, least, sum / count, greatest];
}

/** The row of one series, as a view without a copy. */
export function rowOf(matrix: Matrix, index: number): Float64Array {
  const width = matrix.times.length;
  return matrix.values.subarray(index * width, (index + 1) * width);
}

/**
 * Answers of `query_range` (Prometheus HTTP API, matrix) as columns: one flat array for all values, so that 10,000 series cross from
 * the worker to the page without a copy per point. Parsed by hand, since a schema over a million pairs would take seconds.
 */
export interface Matrix {
  /** Epoch seconds. */
  readonly times: Float64Array;
  readonly names: readonly string[];
  /** Each series' labels as JSON text: texts cross from the worker at no cost, and few are ever read. */
  readonly labels: readonly string[];
  /** Series with native histograms, which have no single value to draw. */
  readonly histograms: number;
  /** `names.length` rows of `times.length`; NaN is a gap. */
  readonly values: Float64Array;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `GET /api/v1/orders` from method and route, or the labels as they are when they say something else. */
export function seriesName(metric: Readonly<Record<string, unknown>>): string {
  const { __name__: name, method, route, ...rest } = metric;
  const others = Object.entries(rest)
    .toSorted(([a], [b]) => a.localeCompare(b))
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
function sampleValue(text: unknown): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
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
  const count = Math.max(0, Math.min(11_000, Math.floor((end - start) / step + 1e-9) + 1));
  const times = Float64Array.from({ length: count }, (_, index) => start + index * step);
  const values = new Float64Array(result.length * count).fill(Number.NaN);
  const names: string[] = [];
  const labels: string[] = [];
  let histograms = 0;
  for (const [row, series] of result.entries()) {
    if (!isRecord(series)) return null;
    const metric = isRecord(series['metric']) ? series['metric'] : {};
    names.push(nameOf(metric));
    labels.push(JSON.stringify(metric));
    if (Array.isArray(series['histograms'])) histograms++;
    else if (!Array.isArray(series['values'])) return null;
    for (const pair of Array.isArray(series['values']) ? series['values'] : []) {
      if (!Array.isArray(pair)) return null;
      const place = Math.round((Number(pair[0]) - start) / step);
      if (place >= 0 && place < count) values[row * count + place] = sampleValue(pair[1]);
    }
  }
  return { times, names, labels, histograms, values };
}

/** The row of one series, as a view without a copy. */
export function rowOf(matrix: Matrix, index: number): Float64Array {
  const width = matrix.times.length;
  return matrix.values.subarray(index * width, (index + 1) * width);
}

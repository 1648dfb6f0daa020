import { type Bucket, bucketsOf, cumulate, QUANTILES, quantileOf } from './histogram.ts';
import { isRecord, sampleValue } from './matrix.ts';

/**
 * What one query of a panel answers, as columns. An instant query is a frame of one instant. Made in the worker, so that ten thousand
 * series never cross to the page: only the largest come, with the number there were.
 */
export interface Frame {
  readonly ref: string;
  /** Epoch seconds. */
  readonly times: Float64Array;
  readonly names: readonly string[];
  readonly labels: readonly Readonly<Record<string, string>>[];
  /** `names.length` rows of `times.length`; NaN is a gap. */
  readonly values: Float64Array;
  /** How many series the answer had, or how many matched the search. */
  readonly total: number;
  readonly warnings: readonly string[];
}

/** What a frame is cut to. */
export interface FrameReading {
  readonly ref: string;
  readonly legend: string;
  /** Most series that come back: those with the largest last values. */
  readonly limit: number;
  /** Only series whose name contains it. */
  readonly search: string;
  /** How native histograms come: as lines of their quantiles, or added up as rows of running buckets (`le`). */
  readonly histograms: 'quantiles' | 'buckets';
}

const MAX_INSTANTS = 11_000;

/** `{{label}}` stands for a label's value; without a pattern a series is called by its labels. */
export function seriesName(labels: Readonly<Record<string, string>>, legend: string): string {
  if (legend !== '')
    return (
      legend.replaceAll(/\{\{\s*([\w.:-]+)\s*\}\}/g, (_, label: string) => labels[label] ?? '').trim() ||
      'value'
    );
  const { __name__: metric = '', ...others } = labels;
  const listed = Object.entries(others).map(([label, value]) => `${label}="${value}"`);
  return `${metric}${listed.length === 0 ? '' : `{${listed.join(', ')}}`}` || 'value';
}

function labelsOf(value: unknown): Record<string, string> {
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([label, text]) => [label, String(text)]))
    : {};
}

interface Raw {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly pairs: readonly unknown[];
  readonly last: number;
}

type Histograms = readonly (readonly [at: number, buckets: readonly Bucket[]])[];

interface Entry {
  readonly labels: Record<string, string>;
  readonly floats: readonly unknown[];
  readonly histograms: Histograms;
}

/** The series of a matrix or a vector with their samples; null for anything else. */
function entriesOf(type: unknown, result: readonly unknown[]): readonly Entry[] | null {
  if (type !== 'matrix' && type !== 'vector') return null;
  const listed = (found: unknown): readonly unknown[] => {
    const samples = type === 'matrix' ? found : [found];
    return Array.isArray(samples) && samples[0] !== undefined ? samples : [];
  };
  return result.filter(isRecord).map((entry) => ({
    labels: labelsOf(entry['metric']),
    floats: listed(entry[type === 'matrix' ? 'values' : 'value']),
    histograms: listed(entry[type === 'matrix' ? 'histograms' : 'histogram']).flatMap((pair) =>
      Array.isArray(pair) ? [[Number(pair[0]), bucketsOf(pair[1])] as const] : [],
    ),
  }));
}

/** The lines of a matrix, a vector, or a scalar; null for anything else. */
function seriesOf(body: unknown, read: Pick<FrameReading, 'legend' | 'histograms'>): Raw[] | null {
  const data = isRecord(body) ? body['data'] : null;
  if (!isRecord(data)) return null;
  const { resultType, result } = data;
  if (!Array.isArray(result)) return null;
  const { legend } = read;
  if (resultType === 'scalar') return [rawOf({}, [result], legend)];
  const entries = entriesOf(resultType, result);
  if (entries === null) return null;
  const quantiles = read.histograms === 'quantiles';
  const lines = entries.flatMap(({ labels, floats, histograms }) => [
    ...(floats.length === 0 ? [] : [rawOf(labels, floats, legend)]),
    ...(quantiles && histograms.length > 0 ? quantileLines(labels, histograms, legend) : []),
  ]);
  return quantiles ? lines : [...lines, ...runningBuckets(entries.flatMap(({ histograms }) => histograms))];
}

/** The median, p95 and p99 of a series of histograms. */
function quantileLines(labels: Record<string, string>, histograms: Histograms, legend: string): Raw[] {
  return QUANTILES.map((quantile) => {
    const pairs = histograms.map(([at, buckets]) => [at, quantileOf(buckets, quantile)]);
    const own = rawOf({ ...labels, quantile: String(quantile) }, pairs, legend);
    const told = legend === '' || legend.includes('quantile');
    return told ? own : { ...own, name: `${own.name} p${Math.round(quantile * 100)}` };
  });
}

/** All histograms together, as the series of classic buckets that a heatmap knows. */
function runningBuckets(histograms: Histograms): Raw[] {
  const { bounds, counts } = cumulate(histograms);
  const instants = [...counts].toSorted(([a], [b]) => a - b);
  return bounds.map((le, place) =>
    rawOf(
      { le },
      instants.map(([at, sums]) => [at, sums[place] ?? 0]),
      '{{le}}',
    ),
  );
}

function rawOf(labels: Record<string, string>, pairs: readonly unknown[], legend: string): Raw {
  const last = pairs.at(-1);
  const value = Array.isArray(last) ? sampleValue(last[1]) : Number.NaN;
  return {
    name: seriesName(labels, legend),
    labels,
    pairs,
    last: Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value,
  };
}

/** Reads an answer of `query` or `query_range` over the grid that was asked for; null when it is something else. */
export function readFrame(
  body: unknown,
  request: FrameReading & { readonly start: number; readonly end: number; readonly step: number },
): Frame | null {
  const all = seriesOf(body, request);
  if (all === null) return null;
  const needle = request.search.trim().toLowerCase();
  const matching = needle === '' ? all : all.filter(({ name }) => name.toLowerCase().includes(needle));
  const shown =
    matching.length <= request.limit
      ? matching
      : matching.toSorted((a, b) => b.last - a.last).slice(0, request.limit);
  const { start, end, step } = request;
  const count =
    step === 0 ? 1 : Math.max(0, Math.min(MAX_INSTANTS, Math.floor((end - start) / step + 1e-9) + 1));
  const times = Float64Array.from({ length: count }, (_, index) => (step === 0 ? end : start + index * step));
  const values = new Float64Array(shown.length * count).fill(Number.NaN);
  for (const [row, { pairs }] of shown.entries()) {
    for (const pair of pairs) {
      if (!Array.isArray(pair)) return null;
      const place = step === 0 ? 0 : Math.round((Number(pair[0]) - start) / step);
      if (place >= 0 && place < count) values[row * count + place] = sampleValue(pair[1]);
    }
  }
  const warnings = isRecord(body) && Array.isArray(body['warnings']) ? body['warnings'].map(String) : [];
  return {
    ref: request.ref,
    times,
    names: shown.map(({ name }) => name),
    labels: shown.map(({ labels }) => labels),
    values,
    total: matching.length,
    warnings,
  };
}

/** The row of one series, as a view without a copy. */
export function rowOf(frame: Frame, index: number): Float64Array {
  const width = frame.times.length;
  return frame.values.subarray(index * width, (index + 1) * width);
}

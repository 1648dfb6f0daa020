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

export interface FrameRequest {
  readonly id: number;
  readonly ref: string;
  readonly url: string;
  readonly start: number;
  readonly end: number;
  /** Seconds; 0 asks for one instant. */
  readonly step: number;
  readonly legend: string;
  /** Most series that come back: those with the largest last values. */
  readonly limit: number;
  /** Only series whose name contains it. */
  readonly search: string;
}

export type FrameReply =
  | { readonly id: number; readonly kind: 'frame'; readonly frame: Frame }
  | { readonly id: number; readonly kind: 'failed'; readonly status: number; readonly message: string };

type Json = Readonly<Record<string, unknown>>;
function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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

function sampleValue(text: unknown): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
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

/** The series of a matrix, a vector, or a scalar; null for anything else. Histograms have no single value and are left out. */
function seriesOf(body: unknown, legend: string): Raw[] | null {
  const data = isRecord(body) ? body['data'] : null;
  if (!isRecord(data)) return null;
  const { resultType, result } = data;
  if (!Array.isArray(result)) return null;
  if (resultType === 'scalar') return [rawOf({}, [result], legend)];
  if (resultType !== 'matrix' && resultType !== 'vector') return null;
  return result.flatMap((entry: unknown) => {
    if (!isRecord(entry)) return [];
    const pairs = resultType === 'matrix' ? entry['values'] : [entry['value']];
    return Array.isArray(pairs) && pairs[0] !== undefined
      ? [rawOf(labelsOf(entry['metric']), pairs, legend)]
      : [];
  });
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
  request: Pick<FrameRequest, 'ref' | 'start' | 'end' | 'step' | 'legend' | 'limit' | 'search'>,
): Frame | null {
  const all = seriesOf(body, request.legend);
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

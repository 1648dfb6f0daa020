import { isRecord, selectorName } from './matrix.ts';

/** A native histogram as the Prometheus HTTP API writes it: count, sum and the buckets that are not empty. */
export interface HistogramValue {
  readonly count: string;
  readonly sum: string;
  readonly buckets: readonly { readonly low: string; readonly high: string; readonly count: string }[];
}

/** An answer of `query` (vector, scalar or string) as columns. Values stay text: nothing is lost on the way to the reader. */
export interface Vector {
  readonly type: 'vector' | 'matrix' | 'scalar' | 'string';
  /** Epoch seconds of each row. */
  readonly times: readonly number[];
  readonly names: readonly string[];
  /** Labels as JSON text. */
  readonly labels: readonly string[];
  /** As Prometheus writes it; "" where the row is a histogram. Of a range selector: the last value. */
  readonly values: readonly string[];
  /** Only where the row is one. */
  readonly histograms: ReadonlyMap<number, HistogramValue>;
  /** Of a range selector: how many samples each series has. */
  readonly samples: readonly number[];
}

function isPair(value: unknown): value is readonly [unknown, unknown] {
  return Array.isArray(value) && value.length === 2;
}

function histogramOf(value: unknown): HistogramValue | null {
  if (!isRecord(value)) return null;
  const buckets = Array.isArray(value['buckets']) ? value['buckets'] : [];
  return {
    count: String(value['count']),
    sum: String(value['sum']),
    // [boundary rule, low, high, count]
    buckets: buckets.flatMap((bucket: unknown) =>
      Array.isArray(bucket)
        ? [{ low: String(bucket[1]), high: String(bucket[2]), count: String(bucket[3]) }]
        : [],
    ),
  };
}

/** Reads what `/api/v1/query` answers; null when it is something else. */
export function parseVector(body: unknown): Vector | null {
  if (!isRecord(body) || !isRecord(body['data'])) return null;
  const { resultType, result } = body['data'];
  if (!Array.isArray(result)) return null;
  const times: number[] = [];
  const names: string[] = [];
  const labels: string[] = [];
  const values: string[] = [];
  const samples: number[] = [];
  const histograms = new Map<number, HistogramValue>();
  const found = { times, names, labels, values, samples, histograms };
  if (resultType === 'scalar' || resultType === 'string') {
    if (!isPair(result)) return null;
    times.push(Number(result[0]));
    names.push(resultType);
    labels.push('{}');
    values.push(String(result[1]));
    samples.push(1);
    return { type: resultType, ...found };
  }
  if (resultType !== 'vector' && resultType !== 'matrix') return null;
  for (const [row, series] of result.entries()) {
    if (!isRecord(series)) return null;
    const metric = isRecord(series['metric']) ? series['metric'] : {};
    const floats: unknown[] = Array.isArray(series['values']) ? series['values'] : [series['value']];
    const complex: unknown[] = Array.isArray(series['histograms'])
      ? series['histograms']
      : [series['histogram']];
    const float = floats.findLast(isPair);
    const last = float ?? complex.findLast(isPair);
    if (last === undefined) return null;
    const histogram = float === undefined ? histogramOf(last[1]) : null;
    if (histogram !== null) histograms.set(row, histogram);
    times.push(Number(last[0]));
    names.push(selectorName(metric));
    labels.push(JSON.stringify(metric));
    values.push(float === undefined ? '' : String(float[1]));
    samples.push(floats.filter(isPair).length + complex.filter(isPair).length);
  }
  return { type: resultType, ...found };
}

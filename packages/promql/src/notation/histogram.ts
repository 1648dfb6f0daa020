import type { Histogram, ResetHint } from '../histogram/histogram.ts';
import { createHistogram } from '../histogram/histogram.ts';

/** A histogram of a script, and whether it names its reset hint (only then is the hint compared). */
export interface NotedHistogram {
  readonly histogram: Histogram;
  readonly hintNamed: boolean;
}

const HINTS: ReadonlyMap<string, ResetHint> = new Map([
  ['unknown', 'unknown'],
  ['reset', 'reset'],
  ['not_reset', 'not_reset'],
  ['gauge', 'gauge'],
]);

const NUMBER = /^[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|inf|nan)$/i;

function readNumber(key: string, text: string): number {
  if (!NUMBER.test(text)) throw new SyntaxError(`${key}: no number: ${JSON.stringify(text)}`);
  const body = text.replace(/^[+-]/, '').toLowerCase();
  const size = body === 'inf' ? Number.POSITIVE_INFINITY : body === 'nan' ? Number.NaN : Number(body);
  return text.startsWith('-') ? -size : size;
}

function readWhole(key: string, text: string): number {
  const value = readNumber(key, text);
  if (!Number.isInteger(value)) throw new SyntaxError(`${key}: no whole number: ${JSON.stringify(text)}`);
  return value;
}

function readList(key: string, text: string): Float64Array {
  const inner = /^\[(.*)\]$/.exec(text)?.[1];
  if (inner === undefined) throw new SyntaxError(`${key}: no list: ${JSON.stringify(text)}`);
  const words = inner.split(/\s+/).filter((word) => word !== '');
  return Float64Array.from(words, (word) => readNumber(key, word));
}

function readHint(text: string): ResetHint {
  const hint = HINTS.get(text);
  if (hint === undefined) throw new SyntaxError(`counter_reset_hint: unknown hint ${JSON.stringify(text)}`);
  return hint;
}

/** What each key of the notation sets. */
const KEYS: ReadonlySet<string> = new Set([
  'schema',
  'sum',
  'count',
  'z_bucket',
  'z_bucket_w',
  'buckets',
  'offset',
  'n_buckets',
  'n_offset',
  'custom_values',
  'counter_reset_hint',
]);

/** Reads `{{schema:0 count:3 buckets:[1 2]}}`, braces included (compat §9.1, H). Throws a SyntaxError naming what it cannot read. */
export function readHistogram(text: string): NotedHistogram {
  const body = /^\{\{(.*)\}\}$/s.exec(text)?.[1];
  if (body === undefined) throw new SyntaxError(`no histogram: ${JSON.stringify(text)}`);
  const fields = readFields(body);
  const number = (key: string): number => {
    const value = fields.get(key);
    return value === undefined ? 0 : readNumber(key, value);
  };
  const list = (key: string): Float64Array => {
    const value = fields.get(key);
    return value === undefined ? new Float64Array(0) : readList(key, value);
  };
  const spans = (key: string, buckets: Float64Array): Int32Array =>
    buckets.length === 0
      ? new Int32Array(0)
      : Int32Array.of(readWhole(key, fields.get(key) ?? '0'), buckets.length);
  const [positiveBuckets, negativeBuckets] = [list('buckets'), list('n_buckets')];
  const hint = fields.get('counter_reset_hint');
  const histogram = createHistogram({
    schema: readWhole('schema', fields.get('schema') ?? '0'),
    sum: number('sum'),
    count: number('count'),
    zeroCount: number('z_bucket'),
    zeroThreshold: number('z_bucket_w'),
    positiveBuckets,
    positiveSpans: spans('offset', positiveBuckets),
    negativeBuckets,
    negativeSpans: spans('n_offset', negativeBuckets),
    customValues: list('custom_values'),
    resetHint: hint === undefined ? 'unknown' : readHint(hint),
  });
  return { histogram, hintNamed: hint !== undefined };
}

function readFields(body: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let rest = body.trim();
  while (rest !== '') {
    const match = /^([a-z_]+):(\[[^\]]*\]|\S+)\s*/.exec(rest);
    const [whole, key, value] = match ?? [];
    if (whole === undefined || key === undefined || value === undefined)
      throw new SyntaxError(`no histogram field: ${JSON.stringify(rest)}`);
    if (!KEYS.has(key)) throw new SyntaxError(`unknown histogram field ${JSON.stringify(key)}`);
    if (fields.has(key)) throw new SyntaxError(`histogram field ${JSON.stringify(key)} twice`);
    fields.set(key, value);
    rest = rest.slice(whole.length);
  }
  return fields;
}

import { CUSTOM_BUCKETS, type Histogram, type ResetHint } from '@pharos/promql';
import { metricsErrors } from '../../errors.ts';

/*
 * A record: one native histogram as bytes, equal exactly when the histograms are.
 *
 *   0   count (float64, little endian)       columns of their own in the table
 *   8   sum (float64)
 *   16  format version                       from here on: the table's `blob`
 *   17  flags: reset hint (2 bits), integer counts, zero threshold 2^-128, negative buckets, custom bounds
 *   ..  schema (zigzag), zero threshold (float64 unless flagged), zero count
 *   ..  positive, then (if flagged) negative: number of spans, (zigzag offset, length) of each, counts
 *   ..  (if flagged) number of custom bounds, float64 each
 *
 * Integers are LEB128. Integer counts are distances from the one before (zigzag), others float64.
 */
const VERSION = 1;
/** Where the blob begins: count and sum stand before it. */
export const BLOB_START = 16;

const HINT_BITS = 3;
const INTEGERS = 4;
const USUAL_ZERO = 8;
const NEGATIVES = 16;
const CUSTOM = 32;
const HINTS: readonly ResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];

const USUAL_ZERO_THRESHOLD = 2 ** -128;
/** Below it the zigzag of every distance between two counts is exact. */
const LARGEST_INTEGER = 2 ** 51;
const LONGEST_VARINT = 8;
/** More is no histogram of any schema, and would only be read to use up memory. */
const MOST_BUCKETS = 100_000;

let scratch = new Uint8Array(4096);
let scratchView = new DataView(scratch.buffer);

/** The record of a histogram, in memory of its own. */
export function encodeHistogram(histogram: Histogram): Uint8Array<ArrayBuffer> {
  const { positiveSpans, positiveBuckets, negativeSpans, negativeBuckets, customValues } = histogram;
  const numbers = positiveBuckets.length + negativeBuckets.length + customValues.length + 8;
  reserve((numbers + positiveSpans.length + negativeSpans.length) * LONGEST_VARINT + BLOB_START);
  const integers =
    isCount(histogram.zeroCount) && positiveBuckets.every(isCount) && negativeBuckets.every(isCount);
  const usualZero = histogram.zeroThreshold === USUAL_ZERO_THRESHOLD;
  const negatives = negativeSpans.length > 0 || negativeBuckets.length > 0;
  scratchView.setFloat64(0, histogram.count, true);
  scratchView.setFloat64(8, histogram.sum, true);
  scratch[16] = VERSION;
  scratch[17] =
    HINTS.indexOf(histogram.resetHint) |
    (integers ? INTEGERS : 0) |
    (usualZero ? USUAL_ZERO : 0) |
    (negatives ? NEGATIVES : 0) |
    (customValues.length > 0 ? CUSTOM : 0);
  let at = writeVarint(18, zigzag(histogram.schema));
  if (!usualZero) at = writeFloat(at, histogram.zeroThreshold);
  at = integers ? writeVarint(at, histogram.zeroCount) : writeFloat(at, histogram.zeroCount);
  at = writeSide(at, positiveSpans, positiveBuckets, integers);
  if (negatives) at = writeSide(at, negativeSpans, negativeBuckets, integers);
  if (customValues.length > 0) {
    at = writeVarint(at, customValues.length);
    for (const bound of customValues) at = writeFloat(at, bound);
  }
  return scratch.slice(0, at);
}

/** The histogram of a record. Fails with `metrics.storage` when it is none, or of a version this program does not know. */
export function decodeHistogram(record: Uint8Array): Histogram {
  const reader = new RecordReader(record);
  const count = reader.float();
  const sum = reader.float();
  const version = reader.byte();
  if (version !== VERSION) throw corrupt(`format version ${version}, expected ${VERSION}`);
  const flags = reader.byte();
  const schema = unzigzag(reader.varint());
  if (schema !== CUSTOM_BUCKETS && !(schema >= -4 && schema <= 8)) throw corrupt(`schema ${schema}`);
  const integers = (flags & INTEGERS) !== 0;
  const zeroThreshold = (flags & USUAL_ZERO) !== 0 ? USUAL_ZERO_THRESHOLD : reader.float();
  const zeroCount = integers ? reader.varint() : reader.float();
  const positive = readSide(reader, integers);
  const negative = (flags & NEGATIVES) !== 0 ? readSide(reader, integers) : NO_SIDE;
  const customValues = (flags & CUSTOM) !== 0 ? reader.floats(reader.varint()) : NO_FLOATS;
  if (!reader.atEnd) throw corrupt('bytes are left over');
  return {
    schema,
    zeroThreshold,
    zeroCount,
    count,
    sum,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
    customValues,
    resetHint: HINTS[flags & HINT_BITS] ?? 'unknown',
  };
}

/** Whether two records are the same histogram. */
export function sameRecord(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}

interface Side {
  readonly spans: Int32Array;
  readonly buckets: Float64Array;
}

const NO_FLOATS = new Float64Array(0);
const NO_SIDE: Side = { spans: new Int32Array(0), buckets: NO_FLOATS };

function writeSide(start: number, spans: Int32Array, buckets: Float64Array, integers: boolean): number {
  let at = writeVarint(start, spans.length / 2);
  for (let i = 0; i < spans.length; i += 2) {
    at = writeVarint(at, zigzag(spans[i]));
    at = writeVarint(at, spans[i + 1]);
  }
  let before = 0;
  for (const count of buckets) {
    at = integers ? writeVarint(at, zigzag(count - before)) : writeFloat(at, count);
    before = count;
  }
  return at;
}

function readSide(reader: RecordReader, integers: boolean): Side {
  const pairs = reader.length(reader.varint());
  const spans = new Int32Array(pairs * 2);
  let length = 0;
  for (let i = 0; i < pairs; i++) {
    spans[i * 2] = unzigzag(reader.varint());
    const span = reader.varint();
    spans[i * 2 + 1] = span;
    length += span;
  }
  if (!integers) return { spans, buckets: reader.floats(length) };
  const buckets = new Float64Array(reader.length(length));
  let count = 0;
  for (let i = 0; i < length; i++) {
    count += unzigzag(reader.varint());
    buckets[i] = count;
  }
  return { spans, buckets };
}

/** Reads a record front to back; every step is checked against its end. */
class RecordReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    if (this.#at >= this.#bytes.length) throw corrupt('it ends early');
    return this.#bytes[this.#at++];
  }

  float(): number {
    if (this.#at + 8 > this.#bytes.length) throw corrupt('it ends early');
    this.#at += 8;
    return this.#view.getFloat64(this.#at - 8, true);
  }

  floats(count: number): Float64Array {
    if (count * 8 > this.#bytes.length - this.#at) throw corrupt('it ends early');
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = this.float();
    return values;
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < LONGEST_VARINT; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
    throw corrupt('an integer is too long');
  }

  /** A number of items of at least one byte each that follow. */
  length(count: number): number {
    if (count > MOST_BUCKETS || count > this.#bytes.length - this.#at) throw corrupt('it ends early');
    return count;
  }
}

function corrupt(what: string): Error {
  return metricsErrors.make('storage', `a stored native histogram cannot be read: ${what}`);
}

function isCount(value: number): boolean {
  return value >= 0 && value < LARGEST_INTEGER && Number.isInteger(value) && !Object.is(value, -0);
}

function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function reserve(bytes: number): void {
  if (bytes <= scratch.length) return;
  scratch = new Uint8Array(bytes * 2);
  scratchView = new DataView(scratch.buffer);
}

function writeFloat(at: number, value: number): number {
  scratchView.setFloat64(at, value, true);
  return at + 8;
}

function writeVarint(start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x80) {
    scratch[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  scratch[at++] = rest;
  return at;
}

import { CUSTOM_BUCKETS, type Histogram, type ResetHint } from '@pharos/promql';
import { BitReader, BitWriter, chunkErrors } from './bits.ts';
import { readVarbitInt, readVarbitUint, writeVarbitInt, writeVarbitUint } from './varbit.ts';
import { XorSequence } from './xor-value.ts';

/** One sample of a histogram chunk; null marks the series' end (a stale sum). */
export interface HistogramSample {
  readonly timestamp: number;
  readonly histogram: Histogram | null;
}

/** What all samples of a chunk have in common. */
type Layout = Pick<
  Histogram,
  'schema' | 'zeroThreshold' | 'positiveSpans' | 'negativeSpans' | 'customValues' | 'resetHint'
>;

/** The two highest bits of the flags byte. */
const RESET_HINTS: readonly ResetHint[] = ['unknown', 'not_reset', 'reset', 'gauge'];
/** A power of two within these exponents takes one byte as zero threshold; any other nine. */
const THRESHOLD_BIAS = 243;
const LARGEST_THRESHOLD_EXPONENT = 10;
const WHOLE_THRESHOLD = 255;
/** A decoded chunk is refused above this many buckets; TSDB's own schemas stay far below. */
const MOST_BUCKETS = 10_000;
const STALE_HIGH = 0x7ff00000;
const STALE_LOW = 2;

/** Whether a histogram can follow in a chunk that began with another. */
export function sameLayout(a: Histogram, b: Histogram): boolean {
  return (
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    equal(a.positiveSpans, b.positiveSpans) &&
    equal(a.negativeSpans, b.negativeSpans) &&
    equal(a.customValues, b.customValues)
  );
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Encodes samples of one layout (at least one) as a chunk of TSDB's encoding FloatHistogram. */
export function encodeFloatHistogramChunk(
  timestamps: readonly number[],
  histograms: readonly Histogram[],
): Uint8Array {
  const [first] = histograms;
  if (first === undefined) throw new TypeError('a chunk has at least one sample');
  const writer = new BitWriter();
  writer.bits(histograms.length, 16);
  writer.bits(RESET_HINTS.indexOf(first.resetHint) << 6, 8);
  writeLayout(writer, first);
  const columns = numbersOf(first).map(() => new XorSequence());
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);
  let time = 0;
  let delta = 0;
  for (const [i, histogram] of histograms.entries()) {
    const timestamp = timestamps[i] ?? 0;
    const next = i === 0 ? 0 : timestamp - time;
    writeVarbitInt(writer, i === 0 ? timestamp : next - delta);
    for (const [at, value] of numbersOf(histogram).entries()) {
      double[0] = value;
      if (i === 0) columns[at]?.first(writer, words[1], words[0]);
      else columns[at]?.write(writer, words[1], words[0]);
    }
    time = timestamp;
    delta = next;
  }
  return writer.take();
}

function numbersOf({ count, zeroCount, sum, positiveBuckets, negativeBuckets }: Histogram): number[] {
  return [count, zeroCount, sum, ...positiveBuckets, ...negativeBuckets];
}

function writeLayout(writer: BitWriter, layout: Layout): void {
  writeThreshold(writer, layout.zeroThreshold);
  writeVarbitInt(writer, layout.schema);
  for (const spans of [layout.positiveSpans, layout.negativeSpans]) {
    writeVarbitUint(writer, spans.length / 2);
    for (let i = 0; i < spans.length; i += 2) {
      writeVarbitUint(writer, spans[i + 1]);
      writeVarbitInt(writer, spans[i]);
    }
  }
  if (layout.schema !== CUSTOM_BUCKETS) return;
  writeVarbitUint(writer, layout.customValues.length);
  for (const bound of layout.customValues) writeBound(writer, bound);
}

function writeThreshold(writer: BitWriter, threshold: number): void {
  const exponent = Math.log2(threshold);
  if (Object.is(threshold, 0)) writer.bits(0, 8);
  else if (
    Number.isInteger(exponent) &&
    2 ** exponent === threshold &&
    exponent + 1 + THRESHOLD_BIAS > 0 &&
    exponent <= LARGEST_THRESHOLD_EXPONENT
  )
    writer.bits(exponent + 1 + THRESHOLD_BIAS, 8);
  else {
    writer.bits(WHOLE_THRESHOLD, 8);
    writeDouble(writer, threshold);
  }
}

/** A bound of whole thousandths takes few bytes, any other nine. */
function writeBound(writer: BitWriter, bound: number): void {
  const thousandths = bound * 1000;
  if (
    thousandths >= 0 &&
    thousandths <= 33_554_430 &&
    Object.is(Math.round(Math.abs(thousandths)) / 1000, bound)
  ) {
    writeVarbitUint(writer, Math.round(thousandths) + 1);
    return;
  }
  writer.bits(0, 1);
  writeDouble(writer, bound);
}

function writeDouble(writer: BitWriter, value: number): void {
  const words = new Uint32Array(new Float64Array([value]).buffer);
  writer.words(words[1], words[0], 64);
}

/** Decodes a chunk of encoding Histogram (whole counts) or FloatHistogram. Fails with `chunk.malformed`. */
export function decodeHistogramChunk(bytes: Uint8Array, kind: 'int' | 'float'): HistogramSample[] {
  if (bytes.length < 3) throw chunkErrors.make('malformed', 'the chunk has no header');
  const count = (bytes[0] << 8) | bytes[1];
  const reader = new BitReader(bytes, 3);
  const layout = readLayout(reader, RESET_HINTS[bytes[2] >>> 6] ?? 'unknown');
  const positive = bucketsOf(layout.positiveSpans);
  const negative = bucketsOf(layout.negativeSpans);
  const numbers =
    kind === 'int' ? new WholeNumbers(positive, negative) : new FloatNumbers(positive, negative);
  const samples: HistogramSample[] = [];
  let timestamp = 0;
  let delta = 0;
  for (let i = 0; i < count; i++) {
    const step = readVarbitInt(reader);
    if (i > 0) delta += step;
    timestamp = i === 0 ? step : timestamp + delta;
    const alive = numbers.read(reader, i === 0);
    samples.push({
      timestamp,
      histogram: alive
        ? // Only the first sample can begin anew; what follows in its chunk goes on.
          {
            ...layout,
            ...numbers.counts(),
            resetHint: i === 0 || layout.resetHint === 'gauge' ? layout.resetHint : 'not_reset',
          }
        : null,
    });
  }
  return samples;
}

function readLayout(reader: BitReader, resetHint: ResetHint): Layout {
  const zeroThreshold = readThreshold(reader);
  const schema = readVarbitInt(reader);
  const positiveSpans = readSpans(reader);
  const negativeSpans = readSpans(reader);
  const bounds: number[] = [];
  if (schema === CUSTOM_BUCKETS) {
    const count = bounded(readVarbitUint(reader));
    for (let i = 0; i < count; i++) bounds.push(readBound(reader));
  }
  return {
    zeroThreshold,
    schema,
    positiveSpans,
    negativeSpans,
    customValues: Float64Array.from(bounds),
    resetHint,
  };
}

function readThreshold(reader: BitReader): number {
  const byte = reader.bits(8);
  if (byte === 0) return 0;
  return byte === WHOLE_THRESHOLD ? readDouble(reader) : 2 ** (byte - THRESHOLD_BIAS - 1);
}

function readSpans(reader: BitReader): Int32Array {
  const count = bounded(readVarbitUint(reader));
  const spans = new Int32Array(count * 2);
  for (let i = 0; i < count; i++) {
    spans[i * 2 + 1] = bounded(readVarbitUint(reader));
    spans[i * 2] = readVarbitInt(reader);
  }
  return spans;
}

function bounded(count: number): number {
  if (count > MOST_BUCKETS)
    throw chunkErrors.make('malformed', `a histogram of the chunk has ${count} spans, buckets or bounds`);
  return count;
}

function bucketsOf(spans: Int32Array): number {
  let buckets = 0;
  for (let i = 1; i < spans.length; i += 2) buckets += spans[i];
  return bounded(buckets);
}

function readBound(reader: BitReader): number {
  const whole = readVarbitUint(reader);
  return whole === 0 ? readDouble(reader) : (whole - 1) / 1000;
}

function readDouble(reader: BitReader): number {
  const double = new Float64Array(1);
  const words = new Uint32Array(double.buffer);
  words[1] = reader.bits(32);
  words[0] = reader.bits(32);
  return double[0];
}

type Counts = Pick<Histogram, 'count' | 'zeroCount' | 'sum' | 'positiveBuckets' | 'negativeBuckets'>;

/** Doubles, each continued from the sample before. */
class FloatNumbers {
  readonly #positive: number;
  readonly #sequences: XorSequence[];
  readonly #values: Float64Array;
  readonly #words: Uint32Array;

  constructor(positive: number, negative: number) {
    this.#positive = positive;
    this.#sequences = Array.from({ length: 3 + positive + negative }, () => new XorSequence());
    this.#values = new Float64Array(this.#sequences.length);
    this.#words = new Uint32Array(this.#values.buffer);
  }

  /** False when the sum is the staleness marker: then no buckets follow. */
  read(reader: BitReader, first: boolean): boolean {
    for (const [i, sequence] of this.#sequences.entries()) {
      if (first) sequence.readFirst(reader, this.#words, i * 2);
      else sequence.read(reader, this.#words, i * 2);
      if (i === 2 && isStale(this.#words, 4)) return false;
    }
    return true;
  }

  counts(): Counts {
    const [count = 0, zeroCount = 0, sum = 0] = this.#values;
    return {
      count,
      zeroCount,
      sum,
      positiveBuckets: this.#values.slice(3, 3 + this.#positive),
      negativeBuckets: this.#values.slice(3 + this.#positive),
    };
  }
}

/** Whole counts as differences of differences; a bucket's own number is its difference from the bucket before. */
class WholeNumbers {
  readonly #positive: number;
  readonly #values: Float64Array;
  readonly #deltas: Float64Array;
  readonly #sum = new XorSequence();
  readonly #sumValue = new Float64Array(1);
  readonly #sumWords = new Uint32Array(this.#sumValue.buffer);

  constructor(positive: number, negative: number) {
    this.#positive = positive;
    this.#values = new Float64Array(2 + positive + negative);
    this.#deltas = new Float64Array(this.#values.length);
  }

  read(reader: BitReader, first: boolean): boolean {
    for (let i = 0; i < this.#values.length; i++) {
      if (i === 2 && !this.#readSum(reader, first)) return false;
      if (first) this.#values[i] = i < 2 ? readVarbitUint(reader) : readVarbitInt(reader);
      else {
        this.#deltas[i] += readVarbitInt(reader);
        this.#values[i] += this.#deltas[i];
      }
    }
    return this.#values.length > 2 || this.#readSum(reader, first);
  }

  counts(): Counts {
    const [count = 0, zeroCount = 0] = this.#values;
    return {
      count,
      zeroCount,
      sum: this.#sumValue[0],
      positiveBuckets: absolute(this.#values.subarray(2, 2 + this.#positive)),
      negativeBuckets: absolute(this.#values.subarray(2 + this.#positive)),
    };
  }

  #readSum(reader: BitReader, first: boolean): boolean {
    if (first) this.#sum.readFirst(reader, this.#sumWords, 0);
    else this.#sum.read(reader, this.#sumWords, 0);
    return !isStale(this.#sumWords, 0);
  }
}

function absolute(deltas: Float64Array): Float64Array {
  const buckets = Float64Array.from(deltas);
  for (let i = 1; i < buckets.length; i++) buckets[i] += buckets[i - 1];
  return buckets;
}

function isStale(words: Uint32Array, at: number): boolean {
  return words[at] === STALE_LOW && words[at + 1] === STALE_HIGH;
}

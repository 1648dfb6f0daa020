import { type ProtobufReader, tagOf, WIRE } from '../../kernel/wire/protobuf.ts';

/** Field numbers of one message; remote write and the exposition format number the same fields differently. */
export interface BucketFields {
  readonly negativeSpans: number;
  readonly negativeDeltas: number;
  readonly negativeCounts: number;
  readonly positiveSpans: number;
  readonly positiveDeltas: number;
  readonly positiveCounts: number;
  /** Bounds of custom buckets, where the message has them. */
  readonly customValues?: number;
}

/** The repeated fields of a native histogram: spans, and numbers packed or one by one. Deltas are zigzag varints, the rest doubles. */
export class HistogramBuckets {
  readonly #fields: BucketFields;
  readonly #spans = { negative: [] as number[], positive: [] as number[] };
  readonly #numbers = new Map<number, number[]>();

  constructor(fields: BucketFields) {
    this.#fields = fields;
  }

  /** Whether a span was sent at all, be it empty. */
  get hasSpans(): boolean {
    return this.#spans.negative.length + this.#spans.positive.length > 0;
  }

  /** Reads a field that is one of these, or steps over it. */
  read(reader: ProtobufReader, tag: number): void {
    const fields = this.#fields;
    const field = tag >>> 3;
    const wire = tag & 7;
    if (wire === WIRE.bytes && field === fields.negativeSpans) readSpan(reader, this.#spans.negative);
    else if (wire === WIRE.bytes && field === fields.positiveSpans) readSpan(reader, this.#spans.positive);
    else if (field === fields.negativeDeltas || field === fields.positiveDeltas)
      this.#readNumbers(reader, tag, WIRE.varint, () => reader.sint64());
    else if (
      field === fields.negativeCounts ||
      field === fields.positiveCounts ||
      field === fields.customValues
    )
      this.#readNumbers(reader, tag, WIRE.fixed64, () => reader.double());
    else reader.skip(tag);
  }

  /** What the buckets are, as a Histogram holds them: absolute counts, which floats are sent as; integers are differences across the spans (RW-7). */
  columns(isFloat: boolean) {
    const { negativeCounts, negativeDeltas, positiveCounts, positiveDeltas, customValues } = this.#fields;
    const counts = (absolute: number, deltas: number): Float64Array =>
      isFloat ? this.#column(absolute) : summedUp(this.#column(deltas));
    return {
      positiveSpans: Int32Array.from(this.#spans.positive),
      positiveBuckets: counts(positiveCounts, positiveDeltas),
      negativeSpans: Int32Array.from(this.#spans.negative),
      negativeBuckets: counts(negativeCounts, negativeDeltas),
      customValues: this.#column(customValues ?? 0),
    };
  }

  #column(field: number): Float64Array {
    return Float64Array.from(this.#numbers.get(field) ?? []);
  }

  #readNumbers(reader: ProtobufReader, tag: number, single: number, read: () => number): void {
    const field = tag >>> 3;
    let numbers = this.#numbers.get(field);
    if (numbers === undefined) this.#numbers.set(field, (numbers = []));
    const wire = tag & 7;
    if (wire === WIRE.bytes) {
      const end = reader.delimited();
      while (reader.at < end) numbers.push(read());
      reader.leave(end);
    } else if (wire === single) numbers.push(read());
    else reader.skip(tag);
  }
}

function summedUp(deltas: Float64Array): Float64Array {
  for (let i = 1; i < deltas.length; i++) deltas[i] += deltas[i - 1];
  return deltas;
}

/** A BucketSpan {offset 1 (sint32), length 2 (uint32)}. */
function readSpan(reader: ProtobufReader, spans: number[]): void {
  const end = reader.delimited();
  let offset = 0;
  let length = 0;
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.varint)) offset = reader.sint64();
    else if (tag === tagOf(2, WIRE.varint)) length = reader.uint32();
    else reader.skip(tag);
  }
  reader.leave(end);
  spans.push(offset, length);
}

import { type Histogram, Labels } from '@pharos/promql';
import { type ProtobufReader, tagOf, WIRE } from '../../../kernel/wire/protobuf.ts';
import { readTimestamp } from '../../../kernel/wire/timestamp.ts';
import type { Exemplar } from '../../sink.ts';
import { HistogramBuckets } from '../histogram-buckets.ts';
import { histogramProblem, reducedToFinest } from '../histogram-check.ts';
import type { MetricType } from './metadata.ts';

/** Why a body cannot be read; `message` names the metric and what was expected. */
export class ProtobufBodyError extends Error {}

interface Bucket {
  readonly bound: number;
  readonly count: number;
  readonly exemplar: Exemplar | null;
}

/** The Histogram message: classic buckets, native ones, or both. */
export class HistogramValue {
  count = 0;
  sum = 0;
  created = 0;
  isFloat = false;
  schema = 0;
  zeroThreshold = 0;
  zeroCount = 0;
  readonly buckets: Bucket[] = [];
  readonly exemplars: Exemplar[] = [];
  readonly native = new HistogramBuckets(NATIVE);

  /** Null when it is classic only. Client libraries send an empty span for a native histogram that has seen nothing yet. */
  toNative(metric: string, type: MetricType): Histogram | null {
    if (!this.native.hasSpans && !(this.zeroThreshold > 0) && !(this.zeroCount > 0)) return null;
    const columns = this.native.columns(this.isFloat);
    const histogram: Histogram = {
      schema: this.schema,
      zeroThreshold: this.zeroThreshold,
      zeroCount: this.zeroCount,
      count: this.count,
      sum: this.sum,
      ...columns,
      positiveSpans: withoutEmpty(columns.positiveSpans),
      negativeSpans: withoutEmpty(columns.negativeSpans),
      resetHint: type === 'gaugehistogram' ? 'gauge' : 'unknown',
    };
    const problem = histogramProblem(histogram, !this.isFloat);
    if (problem !== null) throw new ProtobufBodyError(`histogram ${metric}: ${problem}`);
    return reducedToFinest(histogram);
  }
}

const NATIVE = {
  negativeSpans: 9,
  negativeDeltas: 10,
  negativeCounts: 11,
  positiveSpans: 12,
  positiveDeltas: 13,
  positiveCounts: 14,
} as const;

const HISTOGRAM = {
  count: tagOf(1, WIRE.varint),
  sum: tagOf(2, WIRE.fixed64),
  bucket: tagOf(3, WIRE.bytes),
  countFloat: tagOf(4, WIRE.fixed64),
  schema: tagOf(5, WIRE.varint),
  zeroThreshold: tagOf(6, WIRE.fixed64),
  zeroCount: tagOf(7, WIRE.varint),
  zeroCountFloat: tagOf(8, WIRE.fixed64),
  created: tagOf(15, WIRE.bytes),
  exemplar: tagOf(16, WIRE.bytes),
} as const;

export function readHistogramValue(reader: ProtobufReader, end: number): HistogramValue {
  const value = new HistogramValue();
  while (reader.at < end) {
    const tag = reader.uint32();
    switch (tag) {
      case HISTOGRAM.count:
        value.count = reader.uint64();
        break;
      case HISTOGRAM.countFloat:
        value.count = reader.double();
        value.isFloat = true;
        break;
      case HISTOGRAM.sum:
        value.sum = reader.double();
        break;
      case HISTOGRAM.bucket:
        value.buckets.push(readBucket(reader));
        break;
      case HISTOGRAM.schema:
        value.schema = reader.sint64();
        break;
      case HISTOGRAM.zeroThreshold:
        value.zeroThreshold = reader.double();
        break;
      case HISTOGRAM.zeroCount:
        value.zeroCount = reader.uint64();
        break;
      case HISTOGRAM.zeroCountFloat:
        value.zeroCount = reader.double();
        break;
      case HISTOGRAM.created:
        value.created = readMs(reader);
        break;
      case HISTOGRAM.exemplar:
        value.exemplars.push(readExemplar(reader));
        break;
      default:
        value.native.read(reader, tag);
    }
  }
  return value;
}

/** Bucket {cumulative_count 1, upper_bound 2, exemplar 3, cumulative_count_float 4}. */
function readBucket(reader: ProtobufReader): Bucket {
  const end = reader.delimited();
  let count = 0;
  let bound = 0;
  let exemplar: Exemplar | null = null;
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.varint)) count = reader.uint64();
    else if (tag === tagOf(2, WIRE.fixed64)) bound = reader.double();
    else if (tag === tagOf(3, WIRE.bytes)) exemplar = readExemplar(reader);
    else if (tag === tagOf(4, WIRE.fixed64)) count = reader.double();
    else reader.skip(tag);
  }
  reader.leave(end);
  return { bound, count, exemplar };
}

function withoutEmpty(spans: Int32Array): Int32Array {
  return spans.length === 2 && spans[1] === 0 ? spans.subarray(2) : spans;
}

/** Exemplar {label 1, value 2, timestamp 3}; its time is NaN when it has none. */
export function readExemplar(reader: ProtobufReader): Exemplar {
  const end = reader.delimited();
  const labels = new Map<string, string>();
  let value = 0;
  let timestamp = Number.NaN;
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.bytes)) labels.set(...readPair(reader, reader.delimited()));
    else if (tag === tagOf(2, WIRE.fixed64)) value = reader.double();
    else if (tag === tagOf(3, WIRE.bytes)) timestamp = readMs(reader);
    else reader.skip(tag);
  }
  reader.leave(end);
  return { labels: Labels.fromMap(labels), value, timestamp };
}

function readMs(reader: ProtobufReader): number {
  const { seconds, nanos } = readTimestamp(reader);
  return seconds * 1000 + Math.floor(nanos / 1e6);
}

/** LabelPair {name 1, value 2}. */
export function readPair(reader: ProtobufReader, end: number): [string, string] {
  let name = '';
  let value = '';
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.bytes)) name = textOf(reader, 'a label name');
    else if (tag === tagOf(2, WIRE.bytes)) value = textOf(reader, `the value of label ${name}`);
    else reader.skip(tag);
  }
  reader.leave(end);
  if (name === '') throw new ProtobufBodyError('a label without a name');
  return [name, value];
}

/** A message of doubles with field numbers 1 to `count`. */
export function readDoubles(reader: ProtobufReader, count: number): number[] {
  const end = reader.delimited();
  const values = Array.from({ length: count }, () => 0);
  while (reader.at < end) {
    const tag = reader.uint32();
    const field = tag >>> 3;
    if ((tag & 7) === WIRE.fixed64 && field >= 1 && field <= count) values[field - 1] = reader.double();
    else reader.skip(tag);
  }
  reader.leave(end);
  return values;
}

export function textOf(reader: ProtobufReader, what: string): string {
  const text = reader.text();
  if (text === null) throw new ProtobufBodyError(`${what} is not valid UTF-8`);
  return text;
}

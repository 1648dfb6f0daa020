import {
  lastRange,
  type MessageRange,
  messageRanges,
  rangeAttributes,
  rangeReader,
  rangeText,
  scopeOf,
} from '../../../kernel/wire/otlp.ts';
import { type OtlpAttributes, readAttribute } from '../../../kernel/wire/otlp-attributes.ts';
import { type ProtobufReader, tagOf, WIRE } from '../../../kernel/wire/protobuf.ts';
import {
  type ExponentialBuckets,
  type ExponentialPoint,
  type HistogramPoint,
  NO_RECORDED_VALUE,
  type NumberPoint,
  type OtlpData,
  type OtlpEntry,
  type OtlpExemplar,
  type OtlpMetric,
  type OtlpResource,
  type SummaryPoint,
  temporalityOf,
} from './model.ts';

/** The metrics of an ExportMetricsServiceRequest, read as they are asked for. Throws `wire.malformed` at the place it is. */
export function* metricsFromProtobuf(bytes: Uint8Array): Generator<OtlpEntry> {
  for (const group of messageRanges(bytes, 0, bytes.length)) {
    if (group.field !== 1) continue;
    const parts = [...messageRanges(bytes, group.start, group.end)];
    const resource = { attributes: rangeAttributes(bytes, lastRange(parts, 1), 1) };
    for (const part of parts) if (part.field === 2) yield* scopeMetrics(bytes, part, resource);
  }
}

function* scopeMetrics(bytes: Uint8Array, range: MessageRange, resource: OtlpResource): Generator<OtlpEntry> {
  const parts = [...messageRanges(bytes, range.start, range.end)];
  const scope = scopeOf(bytes, parts);
  for (const part of parts) if (part.field === 2) yield { resource, scope, metric: readMetric(bytes, part) };
}

const DATA_FIELDS = [5, 7, 9, 10, 11] as const;

function readMetric(bytes: Uint8Array, range: MessageRange): OtlpMetric {
  const parts = [...messageRanges(bytes, range.start, range.end)];
  const data = parts.findLast(({ field }) => DATA_FIELDS.some((known) => known === field));
  return {
    name: rangeText(bytes, lastRange(parts, 1)),
    description: rangeText(bytes, lastRange(parts, 2)),
    unit: rangeText(bytes, lastRange(parts, 3)),
    data: data === undefined ? { kind: 'none' } : readData(bytes, data),
  };
}

function readData(bytes: Uint8Array, range: MessageRange): OtlpData {
  const { temporality, monotonic } = readAggregation(bytes, range);
  const points = <Point>(read: (reader: ProtobufReader) => Point): Iterable<Point> =>
    pointsOf(bytes, range, read);
  switch (range.field) {
    case 5:
      return { kind: 'gauge', points: points(readNumber) };
    case 7:
      return { kind: 'sum', temporality, monotonic, points: points(readNumber) };
    case 9:
      return { kind: 'histogram', temporality, points: points(readHistogram) };
    case 10:
      return { kind: 'exponential', temporality, points: points(readExponential) };
    default:
      return { kind: 'summary', points: points(readSummary) };
  }
}

function readAggregation(bytes: Uint8Array, range: MessageRange) {
  const reader = rangeReader(bytes, range);
  let temporality = 0;
  let monotonic = false;
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (tag === tagOf(2, WIRE.varint)) temporality = reader.int64();
    else if (tag === tagOf(3, WIRE.varint)) monotonic = reader.bool();
    else reader.skip(tag);
  }
  return { temporality: temporalityOf(temporality), monotonic };
}

function* pointsOf<Point>(
  bytes: Uint8Array,
  range: MessageRange,
  read: (reader: ProtobufReader) => Point,
): Generator<Point> {
  for (const part of messageRanges(bytes, range.start, range.end))
    if (part.field === 1) yield read(rangeReader(bytes, part));
}

/** Fields of all kinds of points, by their tag in that kind. */
class PointFields {
  readonly attributes: OtlpAttributes = [];
  readonly exemplars: OtlpExemplar[] = [];
  start = 0;
  time = 0;
  noRecordedValue = false;

  read(
    reader: ProtobufReader,
    tag: number,
    fields: { attributes: number; exemplars: number; flags: number },
  ): void {
    if (tag === tagOf(fields.attributes, WIRE.bytes))
      readAttribute(reader, reader.delimited(), this.attributes);
    else if (tag === tagOf(2, WIRE.fixed64)) this.start = reader.fixed64Milliseconds();
    else if (tag === tagOf(3, WIRE.fixed64)) this.time = reader.fixed64Milliseconds();
    else if (tag === tagOf(fields.exemplars, WIRE.bytes))
      this.exemplars.push(readExemplar(reader, reader.delimited()));
    else if (tag === tagOf(fields.flags, WIRE.varint))
      this.noRecordedValue = (reader.uint32() & NO_RECORDED_VALUE) !== 0;
    else reader.skip(tag);
  }

  get point() {
    const { attributes, exemplars, start, time, noRecordedValue } = this;
    return { attributes, exemplars, start, time, noRecordedValue };
  }
}

const NUMBER_FIELDS = { attributes: 7, exemplars: 5, flags: 8 };

function readNumber(reader: ProtobufReader): NumberPoint {
  const fields = new PointFields();
  let value = 0;
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (tag === tagOf(4, WIRE.fixed64)) value = reader.double();
    else if (tag === tagOf(6, WIRE.fixed64)) value = reader.sfixed64();
    else fields.read(reader, tag, NUMBER_FIELDS);
  }
  return { ...fields.point, value };
}

const HISTOGRAM_FIELDS = { attributes: 9, exemplars: 8, flags: 10 };

function readHistogram(reader: ProtobufReader): HistogramPoint {
  const fields = new PointFields();
  const bucketCounts: number[] = [];
  const bounds: number[] = [];
  let count = 0;
  let sum: number | null = null;
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (tag === tagOf(4, WIRE.fixed64)) count = reader.fixed64();
    else if (tag === tagOf(5, WIRE.fixed64)) sum = reader.double();
    else if (tag >>> 3 === 6) readRepeated(reader, tag, bucketCounts, WIRE.fixed64, () => reader.fixed64());
    else if (tag >>> 3 === 7) readRepeated(reader, tag, bounds, WIRE.fixed64, () => reader.double());
    else fields.read(reader, tag, HISTOGRAM_FIELDS);
  }
  return { ...fields.point, count, sum, bucketCounts, bounds };
}

/** Numbers packed, or one by one as older encoders send them. */
function readRepeated(
  reader: ProtobufReader,
  tag: number,
  into: number[],
  wire: number,
  read: () => number,
): void {
  if ((tag & 7) === WIRE.bytes) {
    const end = reader.delimited();
    while (reader.at < end) into.push(read());
    reader.leave(end);
  } else if ((tag & 7) === wire) into.push(read());
  else reader.skip(tag);
}

const EXPONENTIAL_FIELDS = { attributes: 1, exemplars: 11, flags: 10 };

function readExponential(reader: ProtobufReader): ExponentialPoint {
  const fields = new PointFields();
  const values = { count: 0, sum: null as number | null, scale: 0, zeroCount: 0, zeroThreshold: 0 };
  let positive: ExponentialBuckets = { offset: 0, counts: [] };
  let negative = positive;
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (tag === tagOf(4, WIRE.fixed64)) values.count = reader.fixed64();
    else if (tag === tagOf(5, WIRE.fixed64)) values.sum = reader.double();
    else if (tag === tagOf(6, WIRE.varint)) values.scale = reader.sint64();
    else if (tag === tagOf(7, WIRE.fixed64)) values.zeroCount = reader.fixed64();
    else if (tag === tagOf(8, WIRE.bytes)) positive = readBuckets(reader, reader.delimited());
    else if (tag === tagOf(9, WIRE.bytes)) negative = readBuckets(reader, reader.delimited());
    else if (tag === tagOf(14, WIRE.fixed64)) values.zeroThreshold = reader.double();
    else fields.read(reader, tag, EXPONENTIAL_FIELDS);
  }
  return { ...fields.point, ...values, positive, negative };
}

function readBuckets(reader: ProtobufReader, end: number): ExponentialBuckets {
  let offset = 0;
  const counts: number[] = [];
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.varint)) offset = reader.sint64();
    else if (tag >>> 3 === 2) readRepeated(reader, tag, counts, WIRE.varint, () => reader.uint64());
    else reader.skip(tag);
  }
  reader.leave(end);
  return { offset, counts };
}

const SUMMARY_FIELDS = { attributes: 7, exemplars: 0, flags: 8 };

function readSummary(reader: ProtobufReader): SummaryPoint {
  const fields = new PointFields();
  const quantiles: { quantile: number; value: number }[] = [];
  let count = 0;
  let sum = 0;
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (tag === tagOf(4, WIRE.fixed64)) count = reader.fixed64();
    else if (tag === tagOf(5, WIRE.fixed64)) sum = reader.double();
    else if (tag === tagOf(6, WIRE.bytes)) quantiles.push(readQuantile(reader, reader.delimited()));
    else fields.read(reader, tag, SUMMARY_FIELDS);
  }
  return { ...fields.point, count, sum, quantiles };
}

function readQuantile(reader: ProtobufReader, end: number) {
  let quantile = 0;
  let value = 0;
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.fixed64)) quantile = reader.double();
    else if (tag === tagOf(2, WIRE.fixed64)) value = reader.double();
    else reader.skip(tag);
  }
  reader.leave(end);
  return { quantile, value };
}

function readExemplar(reader: ProtobufReader, end: number): OtlpExemplar {
  const attributes: OtlpAttributes = [];
  let time = 0;
  let value = 0;
  let traceId = '';
  let spanId = '';
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(7, WIRE.bytes)) readAttribute(reader, reader.delimited(), attributes);
    else if (tag === tagOf(2, WIRE.fixed64)) time = reader.fixed64Milliseconds();
    else if (tag === tagOf(3, WIRE.fixed64)) value = reader.double();
    else if (tag === tagOf(6, WIRE.fixed64)) value = reader.sfixed64();
    else if (tag === tagOf(4, WIRE.bytes)) spanId = Buffer.from(reader.range()).toString('hex');
    else if (tag === tagOf(5, WIRE.bytes)) traceId = Buffer.from(reader.range()).toString('hex');
    else reader.skip(tag);
  }
  reader.leave(end);
  return { attributes, time, value, traceId, spanId };
}

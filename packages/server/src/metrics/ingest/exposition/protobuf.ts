import type { Histogram } from '@pharos/promql';
import { ProtobufReader, tagOf, WIRE } from '../../../kernel/wire/protobuf.ts';
import type { Exemplar } from '../../sink.ts';
import type { MetricType } from './metadata.ts';
import { familyLines, numberText, sampleLine, seriesText } from './openmetrics-text.ts';
import {
  type HistogramValue,
  ProtobufBodyError,
  readDoubles,
  readExemplar,
  readHistogramValue,
  readPair,
  textOf,
} from './protobuf-fields.ts';

/**
 * A body in the delimited protobuf format (io.prometheus.client.MetricFamily, client_model's metrics.proto), told as OpenMetrics
 * text, so that one parser and one cache serve all formats. What text cannot say stands beside it.
 *
 *     varint length │ MetricFamily │ varint length │ MetricFamily │ …
 *                          │
 *          ┌───────────────┴──────────────┐
 *     text: TYPE, HELP, UNIT,        native histograms,
 *     samples with exemplars         with their exemplars
 */
export interface ProtobufBody {
  /** OpenMetrics text, one spare byte behind `length`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly length: number;
  readonly natives: readonly NativeSample[];
}

/** A sample of a native histogram. */
export interface NativeSample {
  /** The series as it would stand in a sample line, with one spare byte behind it. */
  readonly series: Uint8Array;
  readonly type: MetricType;
  readonly histogram: Histogram;
  readonly exemplars: readonly Exemplar[];
  /** Its own time in ms; null for that of the scrape. */
  readonly timestamp: number | null;
  /** When the counting began, in ms; 0 for unknown. */
  readonly start: number;
}

export interface ProtobufBodyOptions {
  /** Native histograms are read; else they are left out, and only classic buckets count. */
  readonly nativeHistograms: boolean;
  /** A histogram that is both native and classic is read as both. */
  readonly classicToo: boolean;
}

const FAMILY = {
  name: tagOf(1, WIRE.bytes),
  help: tagOf(2, WIRE.bytes),
  type: tagOf(3, WIRE.varint),
  metric: tagOf(4, WIRE.bytes),
  unit: tagOf(5, WIRE.bytes),
} as const;

const METRIC = {
  label: tagOf(1, WIRE.bytes),
  gauge: tagOf(2, WIRE.bytes),
  counter: tagOf(3, WIRE.bytes),
  summary: tagOf(4, WIRE.bytes),
  untyped: tagOf(5, WIRE.bytes),
  timestamp: tagOf(6, WIRE.varint),
  histogram: tagOf(7, WIRE.bytes),
} as const;

const TYPES: readonly MetricType[] = [
  'counter',
  'gauge',
  'summary',
  'unknown',
  'histogram',
  'gaugehistogram',
];

/** Throws `ProtobufBodyError` for what is well-formed but makes no sense, `wire.malformed` for what is not protobuf. */
export function readProtobufBody(
  body: Uint8Array,
  length: number,
  options: ProtobufBodyOptions,
): ProtobufBody {
  const reader = new ProtobufReader().reset(body, 0, length);
  const writer = new Writer(options);
  while (reader.at < reader.end) {
    const end = reader.delimited();
    writer.family(reader, end);
    reader.leave(end);
  }
  return writer.result();
}

interface Family {
  readonly name: string;
  readonly type: MetricType;
}

interface Metric {
  readonly family: Family;
  readonly labels: Pairs;
  timestamp: number | null;
}

type Pairs = readonly (readonly [name: string, value: string])[];

class Writer {
  readonly #options: ProtobufBodyOptions;
  readonly #natives: NativeSample[] = [];
  readonly #text: string[] = [];

  constructor(options: ProtobufBodyOptions) {
    this.#options = options;
  }

  result(): ProtobufBody {
    this.#text.push('# EOF\n');
    const bytes = spared(this.#text.join(''));
    return { bytes, length: bytes.length - 1, natives: this.#natives };
  }

  family(reader: ProtobufReader, end: number): void {
    const head = { name: '', help: '', unit: '', type: 0 };
    const metrics: number[] = [];
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag === FAMILY.name) head.name = textOf(reader, 'a metric name');
      else if (tag === FAMILY.help) head.help = textOf(reader, 'a help text');
      else if (tag === FAMILY.unit) head.unit = textOf(reader, 'a unit');
      else if (tag === FAMILY.type) head.type = reader.uint32();
      else if (tag === FAMILY.metric) {
        const metricEnd = reader.delimited();
        metrics.push(reader.at, metricEnd);
        reader.at = metricEnd;
      } else reader.skip(tag);
    }
    if (head.name === '') throw new ProtobufBodyError('a metric family without a name');
    const type = TYPES[head.type];
    if (type === undefined)
      throw new ProtobufBodyError(`metric family ${head.name}: type ${head.type}, expected 0 to 5`);
    this.#text.push(familyLines(head.name, { type, help: head.help, unit: head.unit }));
    const family = { name: head.name, type };
    for (let i = 0; i < metrics.length; i += 2) {
      reader.at = metrics[i];
      this.#metric(reader, metrics[i + 1], family);
    }
    reader.at = end;
  }

  #metric(reader: ProtobufReader, end: number, family: Family): void {
    const labels: [string, string][] = [];
    let value = -1;
    let valueTag = 0;
    let timestamp: number | null = null;
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag === METRIC.label) labels.push(readPair(reader, reader.delimited()));
      else if (tag === METRIC.timestamp) timestamp = reader.int64();
      else if (tag >= METRIC.gauge && tag <= METRIC.histogram && (tag & 7) === WIRE.bytes) {
        valueTag = tag;
        value = reader.at;
        reader.at = reader.delimited();
      } else reader.skip(tag);
    }
    reader.leave(end);
    if (value < 0) throw new ProtobufBodyError(`metric family ${family.name}: a metric without a value`);
    const metric: Metric = { family, labels, timestamp };
    reader.at = value;
    const valueEnd = reader.delimited();
    if (valueTag === METRIC.histogram) this.#histogram(metric, readHistogramValue(reader, valueEnd));
    else if (valueTag === METRIC.summary) this.#summary(metric, reader, valueEnd);
    else this.#simple(metric, reader, valueEnd, valueTag === METRIC.counter);
    reader.leave(valueEnd);
    reader.at = end;
  }

  /** Counter {value 1, exemplar 2, created 3}, Gauge and Untyped {value 1}. */
  #simple(metric: Metric, reader: ProtobufReader, end: number, counter: boolean): void {
    let value = 0;
    let exemplar: Exemplar | null = null;
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag === tagOf(1, WIRE.fixed64)) value = reader.double();
      else if (counter && tag === tagOf(2, WIRE.bytes)) exemplar = readExemplar(reader);
      else reader.skip(tag);
    }
    this.#sample(metric, '', null, value, exemplar);
  }

  /** Summary {sample_count 1, sample_sum 2, quantile 3 {quantile 1, value 2}}. */
  #summary(metric: Metric, reader: ProtobufReader, end: number): void {
    let count = 0;
    let sum = 0;
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag === tagOf(1, WIRE.varint)) count = reader.uint64();
      else if (tag === tagOf(2, WIRE.fixed64)) sum = reader.double();
      else if (tag === tagOf(3, WIRE.bytes)) {
        const quantile = readDoubles(reader, 2);
        this.#sample(metric, '', ['quantile', numberText(quantile[0])], quantile[1]);
      } else reader.skip(tag);
    }
    this.#sample(metric, '_sum', null, sum);
    this.#sample(metric, '_count', null, count);
  }

  #histogram(metric: Metric, histogram: HistogramValue): void {
    const native = this.#options.nativeHistograms
      ? histogram.toNative(metric.family.name, metric.family.type)
      : null;
    if (native !== null) this.#native(metric, native, histogram);
    if (native !== null && !this.#options.classicToo) return;
    // A histogram that is native only has nothing to say in classic buckets but its sum and count.
    let infinite = false;
    for (const bucket of histogram.buckets) {
      infinite ||= bucket.bound === Number.POSITIVE_INFINITY;
      this.#sample(metric, '_bucket', ['le', numberText(bucket.bound)], bucket.count, bucket.exemplar);
    }
    if (!infinite) this.#sample(metric, '_bucket', ['le', '+Inf'], histogram.count);
    this.#sample(metric, '_sum', null, histogram.sum);
    this.#sample(metric, '_count', null, histogram.count);
  }

  #native(metric: Metric, native: Histogram, { exemplars, buckets, created }: HistogramValue): void {
    const { family, labels, timestamp } = metric;
    // Exemplars of native histograms must have times to be put in order (as Prometheus demands); those of buckets stand in.
    const own = exemplars.filter((exemplar) => !Number.isNaN(exemplar.timestamp));
    const inBuckets = buckets.flatMap(({ exemplar }) => (exemplar === null ? [] : [exemplar]));
    this.#natives.push({
      series: spared(seriesText(family.name, labels)),
      type: family.type,
      histogram: native,
      exemplars: own.length > 0 ? own : inBuckets,
      timestamp,
      start: created,
    });
  }

  #sample(
    { family, labels, timestamp }: Metric,
    suffix: string,
    extra: readonly [string, string] | null,
    value: number,
    exemplar: Exemplar | null = null,
  ): void {
    const series = seriesText(family.name + suffix, extra === null ? labels : [...labels, extra]);
    this.#text.push(sampleLine(series, value, timestamp, exemplar));
  }
}

/** UTF-8 bytes with one spare byte behind them, as the scanner and the cache want them. */
function spared(text: string): Uint8Array<ArrayBuffer> {
  const encoded = Buffer.from(text, 'utf8');
  const bytes = new Uint8Array(encoded.length + 1);
  bytes.set(encoded);
  return bytes;
}

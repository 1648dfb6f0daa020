import { ProtobufWriter } from '../../../../kernel/wire/protobuf-writer.ts';
import { snappyEncode } from '../../../../kernel/wire/snappy.ts';

interface TestSample {
  readonly value: number | 'stale';
  readonly timestamp: number;
  readonly start?: number;
}

export interface TestHistogram {
  readonly timestamp: number;
  readonly float?: boolean;
  readonly schema?: number;
  readonly count?: number;
  readonly sum?: number | 'stale';
  readonly zeroThreshold?: number;
  readonly zeroCount?: number;
  /** Pairs (offset, length). */
  readonly positiveSpans?: readonly (readonly [number, number])[];
  /** Deltas of an integer histogram, counts of a float one. */
  readonly positive?: readonly number[];
  readonly negativeSpans?: readonly (readonly [number, number])[];
  readonly negative?: readonly number[];
  readonly customValues?: readonly number[];
  readonly resetHint?: number;
  readonly start?: number;
}

interface TestExemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestamp: number;
}

/** A series as a sender has it; labels in the order they are to be sent in. */
export interface TestSeries {
  readonly labels: readonly (readonly [string, string])[] | Readonly<Record<string, string>>;
  readonly samples?: readonly TestSample[];
  readonly histograms?: readonly TestHistogram[];
  readonly exemplars?: readonly TestExemplar[];
  /** 2.0 sends it with every series. */
  readonly metadata?: { readonly type: number; readonly help: string; readonly unit: string };
}

export interface TestMetadata {
  readonly family: string;
  readonly type: number;
  readonly help: string;
  readonly unit: string;
}

/** A prometheus.WriteRequest, uncompressed. */
export function writeRequestV1(
  series: readonly TestSeries[],
  metadata: readonly TestMetadata[] = [],
): Uint8Array {
  const writer = new ProtobufWriter();
  for (const one of series)
    writer.message(1, (inner) => {
      const label = (into: ProtobufWriter, [name, value]: readonly [string, string]): void =>
        void into.message(1, (pair) => pair.text(1, name).text(2, value));
      for (const pair of pairsOf(one.labels)) label(inner, pair);
      for (const sample of one.samples ?? []) inner.message(2, (into) => writeSample(into, sample));
      for (const exemplar of one.exemplars ?? [])
        inner.message(3, (into) => {
          for (const pair of Object.entries(exemplar.labels)) label(into, pair);
          into.double(2, exemplar.value).varint(3, exemplar.timestamp);
        });
      for (const histogram of one.histograms ?? [])
        inner.message(4, (into) => writeHistogram(into, histogram));
    });
  for (const { type, family, help, unit } of metadata)
    writer.message(3, (inner) => inner.varint(1, type).text(2, family).text(4, help).text(5, unit));
  return Uint8Array.from(writer.bytes);
}

/** An io.prometheus.write.v2.Request, uncompressed. */
export function writeRequestV2(series: readonly TestSeries[]): Uint8Array {
  const symbols = new Map<string, number>([['', 0]]);
  const symbol = (text: string): number => {
    const known = symbols.get(text) ?? symbols.size;
    symbols.set(text, known);
    return known;
  };
  const refs = (into: ProtobufWriter, pairs: readonly (readonly [string, string])[]): void => {
    into.message(1, (packed) => {
      for (const text of pairs.flat()) packed.rawVarint(symbol(text));
    });
  };
  const body = new ProtobufWriter();
  for (const one of series)
    body.message(5, (inner) => {
      refs(inner, pairsOf(one.labels));
      for (const sample of one.samples ?? []) inner.message(2, (into) => writeSample(into, sample));
      for (const histogram of one.histograms ?? [])
        inner.message(3, (into) => writeHistogram(into, histogram));
      for (const exemplar of one.exemplars ?? [])
        inner.message(4, (into) => {
          refs(into, Object.entries(exemplar.labels));
          into.double(2, exemplar.value).varint(3, exemplar.timestamp);
        });
      const { metadata } = one;
      if (metadata !== undefined)
        inner.message(5, (into) =>
          into.varint(1, metadata.type).varint(3, symbol(metadata.help)).varint(4, symbol(metadata.unit)),
        );
    });
  const head = new ProtobufWriter();
  for (const text of symbols.keys()) head.text(4, text);
  return Uint8Array.from(Buffer.concat([head.bytes, body.bytes]));
}

export function compressed(body: Uint8Array): Buffer {
  return Buffer.from(snappyEncode(body));
}

function pairsOf(labels: TestSeries['labels']): readonly (readonly [string, string])[] {
  return Array.isArray(labels) ? labels : Object.entries(labels);
}

function writeNumber(into: ProtobufWriter, field: number, value: number | 'stale'): void {
  if (value === 'stale') into.words(field, 2, 0x7ff00000);
  else into.double(field, value);
}

function writeSample(into: ProtobufWriter, { value, timestamp, start }: TestSample): void {
  writeNumber(into, 1, value);
  into.varint(2, timestamp);
  if (start !== undefined) into.varint(3, start);
}

function writeHistogram(into: ProtobufWriter, histogram: TestHistogram): void {
  const { float = false, count = 0, zeroCount = 0 } = histogram;
  if (float) into.double(2, count);
  else into.varint(1, count);
  writeNumber(into, 3, histogram.sum ?? 0);
  into.zigzag(4, histogram.schema ?? 0).double(5, histogram.zeroThreshold ?? 0);
  if (float) into.double(7, zeroCount);
  else into.varint(6, zeroCount);
  const side = (
    spansField: number,
    spans: TestHistogram['positiveSpans'] = [],
    buckets: readonly number[] = [],
  ): void => {
    for (const [offset, length] of spans)
      into.message(spansField, (span) => span.zigzag(1, offset).varint(2, length));
    into.message(spansField + (float ? 2 : 1), (packed) => {
      for (const bucket of buckets)
        if (float) packed.rawDouble(bucket);
        else packed.rawZigzag(bucket);
    });
  };
  side(8, histogram.negativeSpans, histogram.negative);
  side(11, histogram.positiveSpans, histogram.positive);
  into.varint(14, histogram.resetHint ?? 0).varint(15, histogram.timestamp);
  const { customValues } = histogram;
  if (customValues !== undefined)
    into.message(16, (packed) => {
      for (const bound of customValues) packed.rawDouble(bound);
    });
  if (histogram.start !== undefined) into.varint(17, histogram.start);
}

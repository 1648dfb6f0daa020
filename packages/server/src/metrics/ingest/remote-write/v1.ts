import type { Labels } from '@pharos/promql';
import { ProtobufReader, tagOf, utf8Text, WIRE } from '../../../kernel/wire/protobuf.ts';
import type { SeriesRef } from '../../sink.ts';
import { checkedLabels, MAX_LABEL_BYTES, type SentLabels, seriesLabels, shortened } from './labels.ts';
import { metricType, RequestReader } from './request.ts';

/** prometheus.WriteRequest and what it holds (compat 3.1). */
const TIMESERIES = tagOf(1, WIRE.bytes);
const METADATA = tagOf(3, WIRE.bytes);
const SERIES = {
  label: tagOf(1, WIRE.bytes),
  sample: tagOf(2, WIRE.bytes),
  exemplar: tagOf(3, WIRE.bytes),
  histogram: tagOf(4, WIRE.bytes),
} as const;
const LABEL_NAME = tagOf(1, WIRE.bytes);
const LABEL_VALUE = tagOf(2, WIRE.bytes);

/**
 * Reads a remote write 1.0 body. A series is known by the bytes of its label fields as they stand in the body, so that a series
 * seen before costs a comparison and no text.
 */
export class WriteRequestV1 extends RequestReader {
  /** Where the label fields of the series at hand stand. */
  #labelBytes: Uint8Array = this.reader.bytes;
  #labelView: DataView = this.reader.view;
  #labelsAt = 0;
  #labelsEnd = 0;
  /** Whether the series has anything but labels. */
  #hasData = false;

  async read(): Promise<void> {
    const { reader, session } = this;
    while (reader.at < reader.end) {
      const tag = reader.uint32();
      if (tag === TIMESERIES) this.#series(reader.delimited());
      else if (tag === METADATA) this.#metadata(reader.delimited());
      else reader.skip(tag);
      if (session.tired) await session.rest();
    }
  }

  seriesText(ref: SeriesRef): string {
    const { reader, known } = this;
    reader.at = 0;
    while (reader.at < reader.end) {
      const tag = reader.uint32();
      if (tag !== TIMESERIES) {
        reader.skip(tag);
        continue;
      }
      const end = reader.delimited();
      this.#locate(end);
      const entry = known.find(this.#labelBytes, this.#labelView, this.#labelsAt, this.#labelsEnd, -1);
      const labels = entry >= 0 && known.valueOf(entry) === ref ? this.labels() : '';
      if (typeof labels !== 'string') return shortened(labels.toString());
      reader.at = end;
    }
    return 'a series';
  }

  protected labels(): Labels | string {
    const length = this.#labelsEnd - this.#labelsAt;
    if (length > MAX_LABEL_BYTES)
      return `a series with ${length} bytes of labels, expected at most ${MAX_LABEL_BYTES}`;
    return seriesLabels(readLabels(this.#labelBytes, this.#labelsAt, this.#labelsEnd));
  }

  protected invalid(): void {
    this.session.invalidSeries++;
  }

  protected exemplar(end: number) {
    const { reader } = this;
    const texts: (string | null)[] = [];
    let value = 0;
    let timestamp = 0;
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag === tagOf(1, WIRE.bytes)) readLabel(reader, reader.delimited(), texts);
      else if (tag === tagOf(2, WIRE.fixed64)) value = reader.double();
      else if (tag === tagOf(3, WIRE.varint)) timestamp = reader.int64();
      else reader.skip(tag);
    }
    reader.leave(end);
    return { labels: checkedLabels(texts), value, timestamp };
  }

  #series(end: number): void {
    const { reader } = this;
    const first = this.#locate(end);
    if (!this.#hasData) return;
    if (!this.findSeries(this.#labelBytes, this.#labelView, this.#labelsAt, this.#labelsEnd)) {
      reader.at = end;
      return;
    }
    reader.at = first;
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag === SERIES.sample) this.sample(reader.delimited(), 0);
      else if (tag === SERIES.exemplar) this.appendExemplar(reader.delimited());
      else if (tag === SERIES.histogram) this.histogram(reader.delimited(), 0);
      else reader.skip(tag);
    }
    reader.leave(end);
  }

  /** Finds the label fields of the series that ends at `end`; the position of its first other field. */
  #locate(end: number): number {
    const { reader } = this;
    const { bytes } = reader;
    const start = reader.at;
    let at = start;
    // Labels come first, and their lengths fit a byte: the general way is for what does not look so.
    while (at + 1 < end && bytes[at] === SERIES.label && bytes[at + 1] < 0x80) at += 2 + bytes[at + 1];
    if (at > end) at = start;
    this.#labelBytes = bytes;
    this.#labelView = reader.view;
    this.#labelsAt = start;
    this.#labelsEnd = at;
    reader.at = at;
    this.#hasData = false;
    let scattered: Uint8Array[] | null = null;
    while (reader.at < end) {
      const fieldAt = reader.at;
      const tag = reader.uint32();
      reader.skip(tag);
      if (tag !== SERIES.label) {
        this.#hasData = true;
        continue;
      }
      if (scattered === null && fieldAt === this.#labelsEnd) this.#labelsEnd = reader.at;
      else {
        scattered ??= [bytes.subarray(start, this.#labelsEnd)];
        scattered.push(bytes.subarray(fieldAt, reader.at));
      }
    }
    reader.leave(end);
    const first = this.#labelsEnd;
    if (scattered !== null) this.#gather(scattered);
    return first;
  }

  /** Labels that stand between other fields, which the encoding allows: brought together in memory of their own. */
  #gather(parts: readonly Uint8Array[]): void {
    const bytes = Uint8Array.from(Buffer.concat(parts));
    this.#labelBytes = bytes;
    this.#labelView = new DataView(bytes.buffer);
    this.#labelsAt = 0;
    this.#labelsEnd = bytes.length;
  }

  /** MetricMetadata {type 1, metric_family_name 2, help 4, unit 5}. */
  #metadata(end: number): void {
    const { reader } = this;
    let type = 0;
    let family: string | null = '';
    let help: string | null = '';
    let unit: string | null = '';
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag === tagOf(1, WIRE.varint)) type = reader.int64();
      else if (tag === tagOf(2, WIRE.bytes)) family = reader.text();
      else if (tag === tagOf(4, WIRE.bytes)) help = reader.text();
      else if (tag === tagOf(5, WIRE.bytes)) unit = reader.text();
      else reader.skip(tag);
    }
    reader.leave(end);
    this.session.spend(false);
    if (family !== null && family !== '' && help !== null && unit !== null)
      this.session.describe(family, { type: metricType(type), help, unit });
  }
}

/** The texts of label fields one after another. */
function readLabels(bytes: Uint8Array, start: number, end: number): SentLabels {
  const reader = new ProtobufReader().reset(bytes, start, end);
  const texts: (string | null)[] = [];
  while (reader.at < end) {
    reader.uint32();
    readLabel(reader, reader.delimited(), texts);
  }
  return texts;
}

/** A Label {name 1, value 2}. */
function readLabel(reader: ProtobufReader, end: number, texts: (string | null)[]): void {
  let name: string | null = '';
  let value: string | null = '';
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === LABEL_NAME || tag === LABEL_VALUE) {
      const textEnd = reader.delimited();
      const text = utf8Text(reader.bytes, reader.at, textEnd);
      reader.at = textEnd;
      if (tag === LABEL_NAME) name = text;
      else value = text;
    } else reader.skip(tag);
  }
  reader.leave(end);
  texts.push(name, value);
}

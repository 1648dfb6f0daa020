import type { Labels } from '@pharos/promql';
import { ProtobufReader, tagOf, WIRE } from '../../../kernel/wire/protobuf.ts';
import type { MetricMetadata, SeriesRef } from '../../sink.ts';
import { isStaleAt, readHistogram } from './histogram.ts';
import type { Known } from './known.ts';
import { shortened } from './labels.ts';
import type { WriteSession } from './session.ts';

const VALUE = tagOf(1, WIRE.fixed64);
const TIMESTAMP = tagOf(2, WIRE.varint);
const START = tagOf(3, WIRE.varint);

const REFUSED: SeriesRef = -1;
const NONE = -1;

/** An exemplar as both versions send it, its labels apart. */
interface SentExemplar {
  readonly labels: Labels | string;
  readonly value: number;
  readonly timestamp: number;
}

/**
 * One decoded request body, read once from front to back straight into the appender, without an object per sample. What the
 * versions share: the fields of a series' data. How a label set is told and found is the subclass's.
 */
export abstract class RequestReader {
  protected readonly reader = new ProtobufReader();
  protected readonly session: WriteSession;
  protected readonly known: Known;
  /** Entry of the series at hand in `known`, or -1. */
  protected entry = NONE;
  #previous = NONE;
  #ref: SeriesRef = REFUSED;

  constructor(session: WriteSession, known: Known, body: Uint8Array) {
    this.session = session;
    this.known = known;
    this.reader.reset(body);
  }

  /** Reads everything into the appender; commit is the caller's. Throws `wire.malformed`: then nothing may be committed. */
  abstract read(): Promise<void>;
  /** The label set of the series at hand, or what is wrong with it. */
  protected abstract labels(): Labels | string;
  protected abstract exemplar(end: number): SentExemplar;
  /** The labels of a series of this request as text, for an error. */
  abstract seriesText(ref: SeriesRef): string;

  /**
   * Finds the ref of the series whose identity are these bytes, decoding it when it is not known. False when it cannot be taken:
   * its data are to be skipped.
   */
  protected findSeries(bytes: Uint8Array, view: DataView, start: number, end: number): boolean {
    const { known, session } = this;
    this.entry = known.find(bytes, view, start, end, this.#previous);
    session.spend(this.entry >= 0);
    if (this.entry >= 0) {
      this.#previous = this.entry;
      this.#ref = known.valueOf(this.entry);
      return true;
    }
    if (!this.#resolve()) return false;
    this.entry = known.add(bytes, view, start, end, this.#previous);
    if (this.entry >= 0) known.setValue(this.entry, this.#ref);
    this.#previous = this.entry;
    return true;
  }

  /** The same for a series that cannot be known by any bytes: it is decoded every time. */
  protected resolveUnknown(): boolean {
    this.entry = NONE;
    this.session.spend(false);
    return this.#resolve();
  }

  #resolve(): boolean {
    const { session } = this;
    const labels = this.labels();
    if (typeof labels === 'string') {
      this.invalid(labels);
      return false;
    }
    this.#ref = session.appender.resolve(labels);
    if (this.#ref >= 0) return true;
    session.limited.add(
      `${session.appender.refusal?.message}: ${shortened(labels.toString())} was not stored`,
    );
    return false;
  }

  /** A series that cannot be identified (1.0 passes it over, 2.0 refuses it). */
  protected abstract invalid(problem: string): void;

  /** The store may have forgotten the series since it was last seen. */
  #revive(): boolean {
    if (!this.#resolve()) return false;
    if (this.entry >= 0) this.known.setValue(this.entry, this.#ref);
    return true;
  }

  /** A Sample {value 1, timestamp 2, start_timestamp 3}. */
  protected sample(end: number, seriesStart: number): void {
    const { reader, session } = this;
    const { appender } = session;
    let value = 0;
    let timestamp = 0;
    let start = seriesStart;
    let stale = false;
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag === VALUE) {
        stale = isStaleAt(reader);
        value = reader.double();
      } else if (tag === TIMESTAMP) timestamp = reader.int64();
      else if (tag === START) start = reader.int64();
      else reader.skip(tag);
    }
    reader.leave(end);
    session.samples++;
    const append = (): boolean =>
      stale
        ? appender.appendStale(this.#ref, timestamp)
        : appender.append(this.#ref, timestamp, value, start);
    if (!append() && this.#revive()) append();
  }

  protected histogram(end: number, seriesStart: number): void {
    const { reader, session } = this;
    const { appender } = session;
    const sent = readHistogram(reader, end);
    session.histograms++;
    if (sent.problem !== null) {
      session.problems.add(`histogram of ${this.#shown()}: ${sent.problem}`);
      return;
    }
    if (sent.stale) session.staleHistograms++;
    const append = (): boolean =>
      sent.stale
        ? appender.appendStale(this.#ref, sent.timestamp)
        : appender.appendHistogram(this.#ref, sent.timestamp, sent.histogram, sent.start || seriesStart);
    if (!append() && this.#revive()) append();
  }

  protected appendExemplar(end: number): void {
    const { session } = this;
    const { labels, value, timestamp } = this.exemplar(end);
    session.exemplars++;
    if (typeof labels === 'string') {
      this.invalid(labels);
      return;
    }
    const append = (): boolean => session.appender.appendExemplar(this.#ref, { labels, value, timestamp });
    if (!append() && this.#revive()) append();
  }

  #shown(): string {
    const labels = this.labels();
    return typeof labels === 'string' ? 'a series' : shortened(labels.toString());
  }
}

/** Both versions number the types alike. */
const TYPES: readonly MetricMetadata['type'][] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];

export function metricType(sent: number): MetricMetadata['type'] {
  return TYPES[sent] ?? 'unknown';
}

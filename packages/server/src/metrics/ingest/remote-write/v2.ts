import { type Labels, METRIC_NAME } from '@pharos/promql';
import { tagOf, utf8Text, WIRE } from '../../../kernel/wire/protobuf.ts';
import type { SeriesRef } from '../../sink.ts';
import { remoteWriteErrors } from './errors.ts';
import type { Known } from './known.ts';
import { checkedLabels, MAX_LABEL_BYTES, type SentLabels, seriesLabels, shortened } from './labels.ts';
import { metricType, RequestReader } from './request.ts';
import type { WriteSession } from './session.ts';

/** io.prometheus.write.v2.Request and what it holds (compat 3.1). */
const SYMBOL = tagOf(4, WIRE.bytes);
const TIMESERIES = tagOf(5, WIRE.bytes);
const SERIES = {
  labels: tagOf(1, WIRE.bytes),
  oneLabel: tagOf(1, WIRE.varint),
  sample: tagOf(2, WIRE.bytes),
  histogram: tagOf(3, WIRE.bytes),
  exemplar: tagOf(4, WIRE.bytes),
  metadata: tagOf(5, WIRE.bytes),
  /** Start of the whole series in the drafts of 2.0, still sent by Prometheus up to 3.7. */
  createdTimestamp: tagOf(6, WIRE.varint),
} as const;

/** More than any request needs: their positions are held in columns. */
const MAX_SYMBOLS = 2 ** 20;
/** Label texts decoded per request: references let a small body name large texts again and again. */
const MAX_DECODED_TEXT = 256 * 2 ** 20;

/** The number of a symbol there was no room to remember: it says nothing about which one it is. */
const FORGOTTEN = -1;

/** What a tenant's senders' 2.0 requests said before. */
export interface KnownV2 {
  /** Label sets, as numbers of symbols one after another. */
  readonly series: Known;
  /** Symbols to numbers that are never used again for another as long as these tables last. */
  readonly symbols: Known;
  /** The description last seen, by the number of a metric's name. */
  readonly described: Map<number, string>;
  nextSymbol: number;
}

/**
 * Reads a remote write 2.0 body. Symbols become numbers that last over requests, once per request and symbol; a series is known by
 * its numbers, so that one seen before costs no text.
 */
export class WriteRequestV2 extends RequestReader {
  readonly #kept: KnownV2;
  #symbolCount = 0;
  #symbolAt = new Uint32Array(256);
  #symbolEnd = new Uint32Array(256);
  /** The lasting number of each symbol; 0 as long as it was not needed. */
  #symbolNumber = new Int32Array(256);
  readonly #texts = new Map<number, string | null>();
  #previousSymbol = -1;
  #decodedText = 0;

  /** Of the series at hand: whether it has samples, its start, its references, and the numbers they stand for. */
  #hasData = false;
  #created = 0;
  /** Whether all its symbols have numbers that last, so that it can be known by them. */
  #lasting = true;
  #refCount = 0;
  #refs = new Uint32Array(64);
  #numbers = new Int32Array(64);
  #numberBytes = new Uint8Array(this.#numbers.buffer);
  #numberView = new DataView(this.#numbers.buffer);

  constructor(session: WriteSession, kept: KnownV2, body: Uint8Array) {
    super(session, kept.series, body);
    this.#kept = kept;
  }

  async read(): Promise<void> {
    const { reader, session } = this;
    await this.#readSymbols();
    reader.at = 0;
    while (reader.at < reader.end) {
      const tag = reader.uint32();
      if (tag === TIMESERIES) this.#series(reader.delimited());
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
      this.#survey(end);
      const length = this.#identify();
      const entry = length < 0 ? -1 : known.find(this.#numberBytes, this.#numberView, 0, length, -1);
      const labels = entry >= 0 && known.valueOf(entry) === ref ? this.labels() : '';
      if (typeof labels !== 'string') return shortened(labels.toString());
      reader.at = end;
    }
    return 'a series';
  }

  protected labels(): Labels | string {
    return this.#fromRefs(seriesLabels);
  }

  protected invalid(problem: string): void {
    this.session.invalidSeries++;
    this.session.problems.add(problem);
  }

  /** An Exemplar {labels_refs 1, value 2, timestamp 3}. */
  protected exemplar(end: number) {
    const { reader } = this;
    const saved = { refs: this.#refs.slice(0, this.#refCount), count: this.#refCount };
    this.#refCount = 0;
    let value = 0;
    let timestamp = 0;
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag === SERIES.labels) this.#readRefs(reader.delimited());
      else if (tag === SERIES.oneLabel) this.#addRef(reader.uint32());
      else if (tag === tagOf(2, WIRE.fixed64)) value = reader.double();
      else if (tag === tagOf(3, WIRE.varint)) timestamp = reader.int64();
      else reader.skip(tag);
    }
    reader.leave(end);
    const labels = this.#fromRefs(checkedLabels);
    this.#refs.set(saved.refs);
    this.#refCount = saved.count;
    return { labels, value, timestamp };
  }

  /** Where the symbols stand; they are looked at when a series names them. */
  async #readSymbols(): Promise<void> {
    const { reader, session } = this;
    while (reader.at < reader.end) {
      const tag = reader.uint32();
      if (tag !== SYMBOL) {
        reader.skip(tag);
        continue;
      }
      const end = reader.delimited();
      if (this.#symbolCount === MAX_SYMBOLS)
        throw remoteWriteErrors.make('malformed', `more than ${MAX_SYMBOLS} symbols in one request`);
      if (this.#symbolCount === this.#symbolAt.length) this.#growSymbols();
      this.#symbolAt[this.#symbolCount] = reader.at;
      this.#symbolEnd[this.#symbolCount++] = end;
      reader.at = end;
      session.spend(true);
      if (session.tired) await session.rest();
    }
  }

  #series(end: number): void {
    const { reader } = this;
    const start = reader.at;
    this.#survey(end);
    const length = this.#identify();
    const found =
      length >= 0 && this.#hasData
        ? this.#lasting
          ? this.findSeries(this.#numberBytes, this.#numberView, 0, length)
          : this.resolveUnknown()
        : this.#unidentified(length);
    if (!found) {
      reader.at = end;
      return;
    }
    reader.at = start;
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag === SERIES.sample) this.sample(reader.delimited(), this.#created);
      else if (tag === SERIES.histogram) this.histogram(reader.delimited(), this.#created);
      else if (tag === SERIES.exemplar) this.appendExemplar(reader.delimited());
      else if (tag === SERIES.metadata) this.#metadata(reader.delimited());
      else reader.skip(tag);
    }
    reader.leave(end);
  }

  /** A series that names symbols that are not there, or that brings no sample. Always false. */
  #unidentified(length: number): boolean {
    const { session } = this;
    session.spend(false);
    const labels =
      length < 0 ? 'a series names symbols that are not there, or an odd number of them' : this.labels();
    this.invalid(
      typeof labels === 'string'
        ? labels
        : `the series ${shortened(labels.toString())} has neither samples nor histograms`,
    );
    return false;
  }

  /** Collects the label references of the series and looks at what else it has, without decoding. */
  #survey(end: number): void {
    const { reader } = this;
    this.#refCount = 0;
    let hasData = false;
    let created = 0;
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag === SERIES.labels) this.#readRefs(reader.delimited());
      else if (tag === SERIES.oneLabel) this.#addRef(reader.uint32());
      else if (tag === SERIES.createdTimestamp) created = reader.int64();
      else {
        hasData ||= tag === SERIES.sample || tag === SERIES.histogram;
        reader.skip(tag);
      }
    }
    reader.leave(end);
    this.#hasData = hasData;
    this.#created = created;
  }

  #readRefs(end: number): void {
    const { reader } = this;
    while (reader.at < end) this.#addRef(reader.uint32());
    reader.leave(end);
  }

  #addRef(ref: number): void {
    if (this.#refCount === this.#refs.length) {
      const refs = new Uint32Array(this.#refs.length * 2);
      refs.set(this.#refs);
      this.#refs = refs;
      this.#numbers = new Int32Array(refs.length);
      this.#numberBytes = new Uint8Array(this.#numbers.buffer);
      this.#numberView = new DataView(this.#numbers.buffer);
    }
    this.#refs[this.#refCount++] = ref;
  }

  /** Puts the lasting numbers of the references into `#numbers`; how many bytes, or -1 when the references are not right. */
  #identify(): number {
    const count = this.#refCount;
    if (count % 2 === 1) return -1;
    this.#lasting = true;
    for (let i = 0; i < count; i++) {
      const symbol = this.#refs[i];
      if (symbol >= this.#symbolCount) return -1;
      const number = this.#symbolNumber[symbol] || this.#number(symbol);
      this.#numbers[i] = number;
      if (number === FORGOTTEN) this.#lasting = false;
    }
    return count * 4;
  }

  #number(symbol: number): number {
    const { bytes, view } = this.reader;
    const { symbols } = this.#kept;
    const at = this.#symbolAt[symbol];
    const end = this.#symbolEnd[symbol];
    let entry = symbols.find(bytes, view, at, end, this.#previousSymbol);
    if (entry < 0) {
      entry = symbols.add(bytes, view, at, end, this.#previousSymbol);
      if (entry >= 0) symbols.setValue(entry, this.#kept.nextSymbol++);
    }
    this.#previousSymbol = entry;
    const number = entry < 0 ? FORGOTTEN : symbols.valueOf(entry);
    this.#symbolNumber[symbol] = number;
    return number;
  }

  #fromRefs(make: (sent: SentLabels) => Labels | string): Labels | string {
    const count = this.#refCount;
    if (count % 2 === 1) return 'a label set has an odd number of symbols';
    let bytes = 0;
    for (let i = 0; i < count; i++) {
      const symbol = this.#refs[i];
      if (symbol >= this.#symbolCount) return `symbol ${symbol} is not there: ${this.#symbolCount} were sent`;
      bytes += this.#symbolEnd[symbol] - this.#symbolAt[symbol];
    }
    if (bytes > MAX_LABEL_BYTES)
      return `a series with ${bytes} bytes of labels, expected at most ${MAX_LABEL_BYTES}`;
    this.#decodedText += bytes;
    if (this.#decodedText > MAX_DECODED_TEXT)
      throw remoteWriteErrors.make(
        'malformed',
        `the labels of the request are larger than ${MAX_DECODED_TEXT} bytes`,
      );
    const sent: (string | null)[] = [];
    for (let i = 0; i < count; i++) sent.push(this.#text(this.#refs[i]));
    return make(sent);
  }

  /** The text of a symbol, decoded once per request. */
  #text(symbol: number): string | null {
    let text = this.#texts.get(symbol);
    if (text === undefined) {
      text = utf8Text(this.reader.bytes, this.#symbolAt[symbol], this.#symbolEnd[symbol]);
      this.#texts.set(symbol, text);
    }
    return text;
  }

  /** Metadata {type 1, help_ref 3, unit_ref 4}, sent with every series: told on only when it changed. */
  #metadata(end: number): void {
    const { reader } = this;
    let type = 0;
    let help = 0;
    let unit = 0;
    while (reader.at < end) {
      const tag = reader.uint32();
      if (tag === tagOf(1, WIRE.varint)) type = reader.int64();
      else if (tag === tagOf(3, WIRE.varint)) help = reader.uint32();
      else if (tag === tagOf(4, WIRE.varint)) unit = reader.uint32();
      else reader.skip(tag);
    }
    reader.leave(end);
    if (type === 0 && help === 0 && unit === 0) return;
    if (help >= this.#symbolCount || unit >= this.#symbolCount) return;
    const nameAt = this.#metricNameAt();
    if (nameAt < 0) return;
    const number = (symbol: number): number => this.#symbolNumber[symbol] || this.#number(symbol);
    const description = `${type} ${number(help)} ${number(unit)}`;
    const { described } = this.#kept;
    const name = number(this.#refs[nameAt]);
    const lasting = ![name, number(help), number(unit)].includes(FORGOTTEN);
    if (lasting && described.get(name) === description) return;
    if (described.size >= MOST_DESCRIBED) described.clear();
    if (lasting) described.set(name, description);
    const metric = this.#text(this.#refs[nameAt]);
    const helpText = this.#text(help);
    const unitText = this.#text(unit);
    if (metric === null || metric === '' || helpText === null || unitText === null) return;
    const kind = metricType(type);
    this.session.describe(familyOf(metric, kind), { type: kind, help: helpText, unit: unitText });
  }

  /** Index of the reference to the metric's name, or -1. */
  #metricNameAt(): number {
    for (let i = 0; i < this.#refCount; i += 2) if (this.#text(this.#refs[i]) === METRIC_NAME) return i + 1;
    return -1;
  }

  #growSymbols(): void {
    const capacity = this.#symbolAt.length * 2;
    const at = new Uint32Array(capacity);
    const end = new Uint32Array(capacity);
    at.set(this.#symbolAt);
    end.set(this.#symbolEnd);
    this.#symbolAt = at;
    this.#symbolEnd = end;
    this.#symbolNumber = new Int32Array(capacity);
  }
}

/** Metric names whose description is remembered per tenant. */
const MOST_DESCRIBED = 100_000;

/** The family a described series belongs to: `x` for the parts of a histogram or summary `x`. */
function familyOf(metric: string, type: string): string {
  const hasParts = type === 'histogram' || type === 'gaugehistogram' || type === 'summary';
  return hasParts ? metric.replace(/_(?:bucket|count|sum|gcount|gsum)$/, '') : metric;
}

import type { Histogram, Labels } from '@pharos/promql';
import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';
import { snappyEncode } from '../../kernel/wire/snappy.ts';
import type { Exemplar, MetricMetadata } from '../sink.ts';
import { METADATA_TYPES } from './metadata-types.ts';
import { writeHistogram, writeLabels, writeSample } from './series.ts';

/** Samples of one series; `histograms[i]`, where it stands, is sample i. */
export interface SeriesSamples {
  readonly labels: Labels;
  readonly timestamps: readonly number[];
  readonly values: Float64Array;
  readonly histograms: readonly (Histogram | undefined)[];
  /** When the counting of each sample began, ms; 0 for unknown. Absent where none is known. */
  readonly starts?: readonly number[];
  readonly exemplars?: readonly Exemplar[];
  /** Of the series' family; 2.0 says it with each series. */
  readonly metadata?: MetricMetadata | undefined;
}

/** Builds requests, series by series. */
export interface RequestBuilder {
  /** Samples and exemplars that the request under way holds. */
  readonly held: { readonly samples: number; readonly exemplars: number };
  add(series: SeriesSamples): void;
  /** The request as a snappy block; the next one begins empty. */
  take(): Uint8Array;
}

/** `prometheus.WriteRequest` (remote write 1.0). */
export class WriteRequestBuilder implements RequestBuilder {
  #message = new ProtobufWriter();
  #held = { samples: 0, exemplars: 0 };

  get held() {
    return this.#held;
  }

  /** TimeSeries{labels 1, samples 2, exemplars 3, histograms 4}. */
  add({ labels, timestamps, values, histograms, exemplars = [] }: SeriesSamples): void {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
    this.#message.message(1, (series) => {
      writeLabels(series, 1, labels);
      for (const [i, timestamp] of timestamps.entries()) {
        const histogram = histograms[i];
        if (histogram === undefined) series.message(2, (sample) => writeSample(sample, words, i, timestamp));
        else series.message(4, (inner) => writeHistogram(inner, histogram, timestamp));
      }
      for (const { labels: own, value, timestamp } of exemplars)
        series.message(3, (exemplar) => {
          writeLabels(exemplar, 1, own);
          exemplar.double(2, value).varint(3, timestamp);
        });
    });
    this.#held.samples += timestamps.length;
    this.#held.exemplars += exemplars.length;
  }

  take(): Uint8Array {
    const body = snappyEncode(this.#message.bytes);
    this.#message = new ProtobufWriter();
    this.#held = { samples: 0, exemplars: 0 };
    return body;
  }
}

/** `io.prometheus.write.v2.Request`: every text once, as a symbol. */
export class WriteRequestV2Builder implements RequestBuilder {
  #series = new ProtobufWriter();
  /** The first symbol is the empty text. */
  #symbols = new Map<string, number>([['', 0]]);
  #held = { samples: 0, exemplars: 0 };

  get held() {
    return this.#held;
  }

  /** TimeSeries{labels_refs 1, samples 2, histograms 3, exemplars 4, metadata 5}. */
  add({ labels, timestamps, values, histograms, starts, exemplars = [], metadata }: SeriesSamples): void {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
    this.#series.message(5, (series) => {
      this.#refs(series, labels);
      for (const [i, timestamp] of timestamps.entries()) {
        const histogram = histograms[i];
        const start = starts?.[i] ?? 0;
        if (histogram === undefined)
          series.message(2, (sample) => {
            writeSample(sample, words, i, timestamp);
            if (start > 0) sample.varint(3, start);
          });
        else
          series.message(3, (inner) => {
            writeHistogram(inner, histogram, timestamp);
            if (start > 0) inner.varint(17, start);
          });
      }
      for (const { labels: own, value, timestamp } of exemplars)
        series.message(4, (exemplar) => {
          this.#refs(exemplar, own);
          exemplar.double(2, value).varint(3, timestamp);
        });
      if (metadata !== undefined)
        series.message(5, (about) =>
          about
            .varint(1, METADATA_TYPES[metadata.type])
            .varint(3, this.#symbol(metadata.help))
            .varint(4, this.#symbol(metadata.unit)),
        );
    });
    this.#held.samples += timestamps.length;
    this.#held.exemplars += exemplars.length;
  }

  take(): Uint8Array {
    const request = new ProtobufWriter();
    for (const text of this.#symbols.keys()) request.text(4, text);
    const body = snappyEncode(Buffer.concat([request.bytes, this.#series.bytes]));
    this.#series = new ProtobufWriter();
    this.#symbols = new Map([['', 0]]);
    this.#held = { samples: 0, exemplars: 0 };
    return body;
  }

  #refs(message: ProtobufWriter, { pairs }: Labels): void {
    message.message(1, (packed) => {
      for (const text of pairs) packed.rawVarint(this.#symbol(text));
    });
  }

  #symbol(text: string): number {
    let symbol = this.#symbols.get(text);
    if (symbol === undefined) this.#symbols.set(text, (symbol = this.#symbols.size));
    return symbol;
  }
}

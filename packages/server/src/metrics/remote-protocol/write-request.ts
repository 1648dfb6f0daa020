import type { Histogram, Labels } from '@pharos/promql';
import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';
import { snappyEncode } from '../../kernel/wire/snappy.ts';
import { writeHistogram, writeLabels, writeSample } from './series.ts';

/** Samples of one series; `histograms[i]`, where it stands, is sample i. */
export interface SeriesSamples {
  readonly labels: Labels;
  readonly timestamps: readonly number[];
  readonly values: Float64Array;
  readonly histograms: readonly (Histogram | undefined)[];
}

/** Builds a `prometheus.WriteRequest` (remote write 1.0), series by series. */
export class WriteRequestBuilder {
  #message = new ProtobufWriter();
  #samples = 0;

  get samples(): number {
    return this.#samples;
  }

  /** TimeSeries{labels 1, samples 2, histograms 4}. */
  add({ labels, timestamps, values, histograms }: SeriesSamples): void {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
    this.#message.message(1, (series) => {
      writeLabels(series, 1, labels);
      for (const [i, timestamp] of timestamps.entries()) {
        const histogram = histograms[i];
        if (histogram === undefined) series.message(2, (sample) => writeSample(sample, words, i, timestamp));
        else series.message(4, (inner) => writeHistogram(inner, histogram, timestamp));
      }
    });
    this.#samples += timestamps.length;
  }

  /** The request as a snappy block; the next one begins empty. */
  take(): Uint8Array {
    const body = snappyEncode(this.#message.bytes);
    this.#message = new ProtobufWriter();
    this.#samples = 0;
    return body;
  }
}

import type { SeriesColumns } from '@pharos/promql';
import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';
import { snappyEncode } from '../../kernel/wire/snappy.ts';
import { writeHistogram, writeLabels, writeSample } from '../remote-protocol/series.ts';

/** `prometheus.ReadResponse` as a snappy block: one result per query, in order (RR-1). The series are sorted by labels. */
export function encodeSamples(results: readonly (readonly SeriesColumns[])[]): Uint8Array {
  const response = new ProtobufWriter();
  for (const series of results) {
    response.message(1, (result) => {
      for (const one of series) result.message(1, (message) => writeSeries(message, one));
    });
  }
  return snappyEncode(response.bytes);
}

/** TimeSeries{labels 1, samples 2, histograms 4}. */
function writeSeries(message: ProtobufWriter, series: SeriesColumns): void {
  const { labels, timestamps, values, histograms, from, to } = series;
  writeLabels(message, 1, labels);
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  for (let i = from; i < to; i++) {
    const histogram = histograms?.[i];
    if (histogram === undefined) message.message(2, (sample) => writeSample(sample, words, i, timestamps[i]));
    else message.message(4, (inner) => writeHistogram(inner, histogram, timestamps[i]));
  }
}

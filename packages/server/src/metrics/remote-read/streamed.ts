import type { Histogram, SeriesColumns } from '@pharos/promql';
import { crc32c } from '../../journal/index.ts';
import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';
import { encodeFloatHistogramChunk, sameLayout } from '../chunks/histogram.ts';
import { CHUNK_SAMPLES, encodeXorChunk } from '../chunks/xor.ts';
import { writeLabels } from '../remote-protocol/series.ts';

/** A frame is sent once it holds this much; clients refuse frames over 50 MB. */
const FRAME_BYTES = 1_000_000;

/** `prometheus.Chunk.Encoding`. */
const ENCODING = { xor: 1, floatHistogram: 3 } as const;

/** Frames of `prometheus.ChunkedReadResponse` for one query (RR-1): the length as a varint, CRC-32C, message. The series are sorted by labels. */
export function* streamedFrames(series: readonly SeriesColumns[], queryIndex: number): Generator<Uint8Array> {
  for (const one of series) {
    let chunked = new ProtobufWriter();
    writeLabels(chunked, 1, one.labels);
    for (const chunk of chunksOf(one)) {
      chunked.range(2, chunk);
      if (chunked.bytes.length < FRAME_BYTES) continue;
      // The client takes further frames of the same labels as more chunks of the series.
      yield frame(chunked.bytes, queryIndex);
      chunked = new ProtobufWriter();
      writeLabels(chunked, 1, one.labels);
    }
    yield frame(chunked.bytes, queryIndex);
  }
}

/** ChunkedReadResponse{chunked_series 1, query_index 2}. */
function frame(series: Uint8Array, queryIndex: number): Uint8Array {
  const message = new ProtobufWriter().range(1, series).varint(2, queryIndex).bytes;
  const head = new ProtobufWriter().rawVarint(message.length).bytes;
  const framed = new Uint8Array(head.length + 4 + message.length);
  framed.set(head);
  new DataView(framed.buffer).setUint32(head.length, crc32c(message));
  framed.set(message, head.length + 4);
  return framed;
}

/** Chunk{min_time_ms 1, max_time_ms 2, type 3, data 4} messages of at most 120 samples of one kind. */
function* chunksOf(series: SeriesColumns): Generator<Uint8Array> {
  const { timestamps, histograms } = series;
  for (let from = series.from; from < series.to; ) {
    const first = histograms?.[from];
    let to = from + 1;
    while (to < Math.min(series.to, from + CHUNK_SAMPLES) && continues(first, histograms?.[to])) to++;
    const data =
      first === undefined
        ? encodeXorChunk(series, from, to)
        : encodeFloatHistogramChunk([...timestamps.subarray(from, to)], definedOf(histograms, from, to));
    yield new ProtobufWriter()
      .varint(1, timestamps[from])
      .varint(2, timestamps[to - 1])
      .varint(3, first === undefined ? ENCODING.xor : ENCODING.floatHistogram)
      .range(4, data).bytes;
    from = to;
  }
}

/** A counter reset begins a new chunk: only a chunk's first sample can say so. */
function continues(first: Histogram | undefined, next: Histogram | undefined): boolean {
  if (first === undefined || next === undefined) return first === next;
  const known = next.resetHint === 'not_reset' || (next.resetHint === 'gauge' && first.resetHint === 'gauge');
  return known && sameLayout(first, next);
}

function definedOf(histograms: SeriesColumns['histograms'], from: number, to: number): Histogram[] {
  return (histograms ?? []).slice(from, to).filter((histogram) => histogram !== undefined);
}

import type { Histogram, Labels } from '@pharos/promql';
import type { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';

/** `prometheus.Histogram.ResetHint` (RW-7). */
const RESET_HINTS = { unknown: 0, reset: 1, not_reset: 2, gauge: 3 } as const;

/** `labels` of the 1.0 messages: Label{name 1, value 2}, in order. */
export function writeLabels(message: ProtobufWriter, field: number, { pairs }: Labels): void {
  for (let i = 0; i < pairs.length; i += 2)
    message.message(field, (label) => label.text(1, pairs[i] ?? '').text(2, pairs[i + 1] ?? ''));
}

/** Sample{value 1, timestamp 2}; the value's bits as they stand in the array, so that a staleness marker stays itself. */
export function writeSample(
  message: ProtobufWriter,
  words: Uint32Array,
  at: number,
  timestamp: number,
): void {
  message.words(1, words[at * 2], words[at * 2 + 1]).varint(2, timestamp);
}

/** `prometheus.Histogram` with float counts, the same in 1.0 and 2.0. */
export function writeHistogram(message: ProtobufWriter, histogram: Histogram, timestamp: number): void {
  message
    .double(2, histogram.count)
    .double(3, histogram.sum)
    .zigzag(4, histogram.schema)
    .double(5, histogram.zeroThreshold)
    .double(7, histogram.zeroCount);
  writeSpans(message, 8, histogram.negativeSpans);
  writeDoubles(message, 10, histogram.negativeBuckets);
  writeSpans(message, 11, histogram.positiveSpans);
  writeDoubles(message, 13, histogram.positiveBuckets);
  message.varint(14, RESET_HINTS[histogram.resetHint]).varint(15, timestamp);
  writeDoubles(message, 16, histogram.customValues);
}

/** BucketSpan{offset 1 (sint32), length 2}. */
export function writeSpans(message: ProtobufWriter, field: number, spans: Int32Array): void {
  for (let i = 0; i < spans.length; i += 2)
    message.message(field, (span) => span.zigzag(1, spans[i]).varint(2, spans[i + 1]));
}

/** Packed doubles; nothing for none. */
export function writeDoubles(message: ProtobufWriter, field: number, values: Float64Array): void {
  if (values.length === 0) return;
  message.message(field, (packed) => {
    for (const value of values) packed.rawDouble(value);
  });
}

import type { Histogram } from '@pharos/promql';
import { ProtobufWriter } from '../../kernel/wire/protobuf-writer.ts';
import { writeDoubles, writeSpans } from '../remote-protocol/series.ts';
import type { FederateFormat } from './formats.ts';
import { federatedPairs, type LastSample } from './last-samples.ts';
import { underscored } from './text.ts';

/** `io.prometheus.client.MetricType`. */
const TYPE = { float: 3, histogram: 4 } as const;

export interface ProtobufOptions {
  readonly format: FederateFormat;
  readonly external: Readonly<Record<string, string>>;
}

/** `io.prometheus.client.MetricFamily` messages, each behind its length: floats untyped, native histograms with float counts. */
export function* federateProtobuf(
  samples: readonly LastSample[],
  options: ProtobufOptions,
): Generator<Uint8Array> {
  for (let from = 0; from < samples.length; ) {
    const { name, kind } = familyOf(samples, from);
    let to = from + 1;
    while (to < samples.length) {
      const next = familyOf(samples, to);
      if (next.name !== name || next.kind !== kind) break;
      to++;
    }
    yield family(name, kind, samples.slice(from, to), options);
    from = to;
  }
}

/** One name may have floats and histograms: they are families of their own. */
function familyOf(samples: readonly LastSample[], at: number): { name: string; kind: 'float' | 'histogram' } {
  const sample = samples[at];
  return {
    name: sample?.labels.metricName ?? '',
    kind: sample?.histogram === undefined ? 'float' : 'histogram',
  };
}

function family(
  name: string,
  kind: 'float' | 'histogram',
  samples: readonly LastSample[],
  { format, external }: ProtobufOptions,
): Uint8Array {
  const message = new ProtobufWriter();
  message.text(1, format.utf8 ? name : underscored(name, /[^a-zA-Z0-9_:]/gu)).varint(3, TYPE[kind]);
  for (const { labels, value, timestamp, histogram } of samples) {
    message.message(4, (metric) => {
      for (const [label, text] of federatedPairs(labels, external)) {
        const spelt = format.utf8 ? label : underscored(label, /[^a-zA-Z0-9_]/gu);
        metric.message(1, (pair) => pair.text(1, spelt).text(2, text));
      }
      if (histogram === undefined) metric.message(5, (untyped) => untyped.double(1, value));
      metric.varint(6, timestamp);
      if (histogram !== undefined) metric.message(7, (own) => writeHistogram(own, histogram));
    });
  }
  const length = new ProtobufWriter().rawVarint(message.bytes.length).bytes;
  return Buffer.concat([length, message.bytes]);
}

function writeHistogram(message: ProtobufWriter, histogram: Histogram): void {
  message
    .double(2, histogram.sum)
    .double(4, histogram.count)
    .zigzag(5, histogram.schema)
    .double(6, histogram.zeroThreshold)
    .double(8, histogram.zeroCount);
  writeSpans(message, 9, histogram.negativeSpans);
  writeDoubles(message, 11, histogram.negativeBuckets);
  writeSpans(message, 12, histogram.positiveSpans);
  writeDoubles(message, 14, histogram.positiveBuckets);
  // The span without buckets tells a native histogram from a classic one.
  if (histogram.positiveSpans.length === 0 && histogram.negativeSpans.length === 0)
    message.message(12, (span) => span.zigzag(1, 0).varint(2, 0));
}

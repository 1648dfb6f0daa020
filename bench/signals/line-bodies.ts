import { ProtobufWriter } from '../protobuf-writer.ts';
import { snappy } from '../snappy.ts';
import { type LinePlan, lineAt, streamLabels } from './lines.ts';
import type { Pod } from './shop.ts';

/** Lines of one push: about what agents gather in a second under load. */
const LINES_PER_BODY = 4000;

export interface Body {
  readonly bytes: Uint8Array;
  /** Lines or spans. */
  readonly rows: number;
  /** What was said, before any encoding: the texts of lines and their metadata; of spans the OTLP message itself. */
  readonly rawBytes: number;
}

/** Loki pushes (snappy protobuf) of lines `from` to `to`, grouped by stream as an agent sends them. */
export function* lineBodies(plan: LinePlan, from: number, to: number): Generator<Body> {
  const [body, entry, inner] = [new ProtobufWriter(), new ProtobufWriter(), new ProtobufWriter()];
  const streams = new Map<Pod, ProtobufWriter>();
  for (let first = from; first < to; first += LINES_PER_BODY) {
    const end = Math.min(to, first + LINES_PER_BODY);
    for (const stream of streams.values()) stream.clear();
    let rawBytes = 0;
    for (let index = first; index < end; index++) {
      const { pod, ms, nanos, text, metadata } = lineAt(plan, index);
      inner.clear();
      inner.number(1, Math.floor(ms / 1000));
      inner.number(2, (ms % 1000) * 1_000_000 + nanos);
      entry.clear();
      entry.field(1, inner.view());
      entry.text(2, text);
      rawBytes += Buffer.byteLength(text);
      for (let i = 0; i < metadata.length; i += 2) {
        const [name, value] = [metadata[i] ?? '', metadata[i + 1] ?? ''];
        inner.clear();
        inner.text(1, name);
        inner.text(2, value);
        entry.field(3, inner.view());
        rawBytes += name.length + value.length;
      }
      let stream = streams.get(pod);
      if (stream === undefined) streams.set(pod, (stream = new ProtobufWriter()));
      if (stream.length === 0) stream.text(1, labelText(pod));
      stream.field(2, entry.view());
    }
    body.clear();
    for (const stream of streams.values()) if (stream.length > 0) body.field(1, stream.view());
    yield { bytes: snappy(body.view()), rows: end - first, rawBytes };
  }
}

function labelText(pod: Pod): string {
  const pairs = Object.entries(streamLabels(pod)).map(([name, value]) => `${name}="${value}"`);
  return `{${pairs.join(', ')}}`;
}

import { Labels } from '@pharos/promql';
import { RowBinaryReader, RowBinaryWriter } from '../../engine/index.ts';
import type { Frame } from '../../journal/index.ts';
import { logStreamsTable } from '../tables.ts';
import type { LineChunk } from './chunk.ts';
import type { Stream } from './streams.ts';

export interface KnownStream {
  readonly stream: Stream;
  readonly day: number;
}

/** Rows for the streams whose day has none yet; known once the frames are durable. */
export function streamFrames(
  tenant: string,
  chunks: readonly LineChunk[],
  streams: Iterable<Stream>,
): { readonly frames: readonly Frame[]; readonly known: readonly KnownStream[] } {
  const days = new Set(chunks.map(({ day }) => day));
  const known: KnownStream[] = [];
  const frames: Frame[] = [];
  for (const day of days) {
    const present = new Set<string>();
    for (const chunk of chunks) {
      if (chunk.day !== day) continue;
      const { streams: words } = chunk;
      for (let at = 0; at < words.length; at += 2)
        // Lines of one stream come together.
        if (at === 0 || words[at] !== words[at - 2] || words[at + 1] !== words[at - 1])
          present.add(`${words[at]} ${words[at + 1]}`);
    }
    const writer = new RowBinaryWriter(0);
    for (const stream of streams) {
      if (stream.days.has(day) || !present.has(`${stream.low} ${stream.high}`)) continue;
      known.push({ stream, day });
      writer.string(tenant);
      writer.date(day);
      writer.uint64(stream.low, stream.high);
      writer.string(stream.service);
      writer.varUint(stream.labels.size);
      for (const text of stream.labels.pairs) writer.string(text);
      writer.endRow();
    }
    if (writer.rows === 0) continue;
    const { rows, payload } = writer.take();
    frames.push({ table: logStreamsTable.name, schemaVersion: 1, tenant, day, rows, payload });
  }
  return { frames, known };
}

/** The label sets of a frame of stream rows. */
export function readStreamRows(frame: Frame, visit: (labels: Labels) => void): void {
  const reader = new RowBinaryReader(frame.payload);
  for (let row = 0; row < frame.rows; row++) {
    reader.skipString();
    reader.skip(2 + 8);
    reader.skipString();
    const pairs: string[] = [];
    for (let left = reader.varUint() * 2; left > 0; left--) pairs.push(reader.string());
    visit(Labels.fromSortedPairs(pairs));
  }
}

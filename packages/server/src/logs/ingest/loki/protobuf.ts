import { type Labels, parseSelector } from '@pharos/promql';
import { ProtobufReader, tagOf, WIRE } from '../../../kernel/wire/protobuf.ts';
import { logsErrors } from '../../errors.ts';
import type { StreamRef } from '../../sink.ts';
import { type IngestSession, labelsOf } from '../session.ts';

/** logproto.PushRequest and what it holds (compat LP-2). */
const STREAM = tagOf(1, WIRE.bytes);
const LABELS = tagOf(1, WIRE.bytes);
const ENTRY = tagOf(2, WIRE.bytes);
const TIMESTAMP = tagOf(1, WIRE.bytes);
const LINE = tagOf(2, WIRE.bytes);
const METADATA = tagOf(3, WIRE.bytes);

/** Reads a decompressed Loki push. Throws `wire.malformed` or `logs.malformed`; nothing may then be committed. */
export async function readLokiProtobuf(body: Uint8Array, session: IngestSession): Promise<void> {
  const reader = new ProtobufReader().reset(body);
  while (reader.at < reader.end) {
    const tag = reader.uint32();
    if (tag !== STREAM) {
      reader.skip(tag);
      continue;
    }
    const end = reader.delimited();
    await readStream(reader, end, session);
    reader.leave(end);
  }
}

async function readStream(reader: ProtobufReader, end: number, session: IngestSession): Promise<void> {
  const start = reader.at;
  let text = '';
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === LABELS) text = reader.text() ?? '';
    else reader.skip(tag);
  }
  const stream = session.stream(parseLabels(text));
  reader.at = start;
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag !== ENTRY || stream === null) {
      reader.skip(tag);
      continue;
    }
    const entryEnd = reader.delimited();
    readEntry(reader, entryEnd, session, stream);
    reader.leave(entryEnd);
    if (session.tired) await session.rest();
  }
}

function readEntry(reader: ProtobufReader, end: number, session: IngestSession, stream: StreamRef): void {
  const { line } = session;
  line.bytes = reader.bytes;
  line.start = 0;
  line.end = 0;
  line.metadata.length = 0;
  line.time = { ms: 0, nanos: 0 };
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === LINE) {
      line.end = reader.delimited();
      line.start = reader.at;
      reader.at = line.end;
    } else if (tag === TIMESTAMP) line.time = readTimestamp(reader);
    else if (tag === METADATA) readPair(reader, line.metadata);
    else reader.skip(tag);
  }
  session.take(stream);
}

/** google.protobuf.Timestamp {seconds 1, nanos 2}. */
function readTimestamp(reader: ProtobufReader) {
  const end = reader.delimited();
  let seconds = 0;
  let nanos = 0;
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.varint)) seconds = reader.int64();
    else if (tag === tagOf(2, WIRE.varint)) nanos = reader.int64();
    else reader.skip(tag);
  }
  reader.leave(end);
  if (seconds < 0 || nanos < 0 || nanos > 999_999_999 || !Number.isSafeInteger(seconds * 1000))
    throw logsErrors.make(
      'malformed',
      `timestamp of ${seconds} s and ${nanos} ns, expected a time from 1970 on`,
    );
  return { ms: seconds * 1000 + Math.floor(nanos / 1e6), nanos: nanos % 1e6 };
}

/** LabelPairAdapter {name 1, value 2}. */
function readPair(reader: ProtobufReader, into: string[]): void {
  const end = reader.delimited();
  let name = '';
  let value = '';
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag === tagOf(1, WIRE.bytes)) name = reader.text() ?? REPLACEMENT;
    else if (tag === tagOf(2, WIRE.bytes)) value = reader.text() ?? REPLACEMENT;
    else reader.skip(tag);
  }
  reader.leave(end);
  if (name !== '') into.push(name, value);
}

const REPLACEMENT = '\ufffd';

/** Stream labels as their selector, `{app="x", env="y"}`. */
function parseLabels(text: string): Labels {
  if (/^\s*\{\s*\}\s*$/.test(text) || text === '') return labelsOf([]);
  try {
    return labelsOf(
      parseSelector(text).flatMap(({ name, op, value }) => {
        if (op !== '=') throw new Error(`operator ${op}`);
        return [name, value];
      }),
    );
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw logsErrors.make('malformed', `stream labels ${JSON.stringify(text.slice(0, 200))}: ${why}`, {
      cause,
    });
  }
}

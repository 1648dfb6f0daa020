import { ProtobufReader, tagOf, WIRE } from '../../../kernel/wire/protobuf.ts';
import { readTimestamp } from '../../../kernel/wire/timestamp.ts';
import { logsErrors } from '../../errors.ts';
import type { LogTime } from '../../time.ts';
import { type IngestSession, isReadFor } from '../session.ts';
import { parseLabels } from './labels.ts';

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
  const target = session.target(parseLabels(text));
  reader.at = start;
  while (reader.at < end) {
    const tag = reader.uint32();
    if (tag !== ENTRY) {
      reader.skip(tag);
      continue;
    }
    const entryEnd = reader.delimited();
    if (isReadFor(target)) readEntry(reader, entryEnd, session);
    else reader.at = entryEnd;
    reader.leave(entryEnd);
    session.take(target);
    if (session.tired) await session.rest();
  }
}

function readEntry(reader: ProtobufReader, end: number, session: IngestSession): void {
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
    } else if (tag === TIMESTAMP) line.time = readTime(reader);
    else if (tag === METADATA) readPair(reader, line.metadata);
    else reader.skip(tag);
  }
}

function readTime(reader: ProtobufReader): LogTime {
  const { seconds, nanos } = readTimestamp(reader);
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

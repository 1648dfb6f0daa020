import { JsonReader } from '../../../kernel/wire/json.ts';
import { logsErrors } from '../../errors.ts';
import type { StreamRef } from '../../sink.ts';
import { timeOfDigits } from '../../time.ts';
import { type IngestSession, labelsOf } from '../session.ts';

/**
 * Reads a Loki push in JSON: `{"streams":[{"stream":{…},"values":[["<ns>","line",{metadata}],…]},…]}` (compat LP-1). Texts go from the
 * body's bytes to the rows; no object is made of a line. Throws `wire.malformed` or `logs.malformed`; nothing may then be committed.
 */
export async function readLokiJson(body: Uint8Array, session: IngestSession): Promise<void> {
  const reader = new JsonReader().reset(body);
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    if (key !== 'streams') reader.skip();
    else {
      reader.beginArray();
      while (reader.nextItem()) await readStream(reader, session);
    }
  }
  reader.finish();
}

async function readStream(reader: JsonReader, session: IngestSession): Promise<void> {
  let stream: StreamRef | null | undefined;
  /** Where `values` begin, when they come before the labels. */
  let early = -1;
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    if (key === 'stream') stream = session.stream(labelsOf(readPairs(reader)));
    else if (key !== 'values') reader.skip();
    else if (stream === undefined) {
      early = reader.at;
      reader.skip();
    } else await readValues(reader, session, stream);
  }
  if (stream === undefined) stream = session.stream(labelsOf([]));
  if (early < 0) return;
  const again = new JsonReader().reset(reader.bytes, early, reader.at);
  await readValues(again, session, stream);
}

async function readValues(
  reader: JsonReader,
  session: IngestSession,
  stream: StreamRef | null,
): Promise<void> {
  reader.beginArray();
  while (reader.nextItem()) {
    if (stream === null) reader.skip();
    else readEntry(reader, session, stream);
    if (session.tired) await session.rest();
  }
}

function readEntry(reader: JsonReader, session: IngestSession, stream: StreamRef): void {
  const { line } = session;
  reader.beginArray();
  expectItem(reader);
  if (reader.peek() !== 'string')
    throw logsErrors.make(
      'malformed',
      `a timestamp at byte ${reader.at} is no text, expected nanoseconds in quotes`,
    );
  reader.stringRange();
  const time = timeOfDigits(reader.stringBytes, reader.stringStart, reader.stringEnd);
  if (time === null) throw badTime(reader);
  line.time = time;
  expectItem(reader);
  reader.stringRange();
  line.bytes = reader.stringBytes;
  line.start = reader.stringStart;
  line.end = reader.stringEnd;
  line.metadata.length = 0;
  if (!reader.nextItem()) {
    session.take(stream);
    return;
  }
  // The reader's text lives only until the next one.
  line.bytes = line.bytes.slice(line.start, line.end);
  line.start = 0;
  line.end = line.bytes.length;
  readPairs(reader, line.metadata);
  session.take(stream);
  while (reader.nextItem()) reader.skip();
}

function expectItem(reader: JsonReader): void {
  if (reader.nextItem()) return;
  throw logsErrors.make(
    'malformed',
    `an entry before byte ${reader.at} is too short, expected [timestamp, line]`,
  );
}

function badTime({ stringBytes, stringStart, stringEnd }: JsonReader): Error {
  const text = Buffer.from(
    stringBytes.subarray(stringStart, Math.min(stringEnd, stringStart + 40)),
  ).toString();
  return logsErrors.make(
    'malformed',
    `timestamp ${JSON.stringify(text)}, expected nanoseconds since the epoch`,
  );
}

/** An object of texts, flat. */
function readPairs(reader: JsonReader, into: string[] = []): string[] {
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    const kind = reader.peek();
    if (kind === 'object' || kind === 'array')
      throw logsErrors.make('malformed', `"${key.slice(0, 100)}" is an ${kind}, expected a text`);
    into.push(key, reader.scalarText());
  }
  return into;
}

import { JsonReader } from '../../../kernel/wire/json.ts';
import { logsErrors } from '../../errors.ts';
import { parseTime, timeOfDigits } from '../../time.ts';
import { type IngestSession, isReadFor, labelsOf, type Target } from '../session.ts';
import { parseLabels } from './labels.ts';

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

/** One stream: `stream` and `values`, or as senders of before 1.0 wrote it, `labels` (a selector) and `entries`. */
async function readStream(reader: JsonReader, session: IngestSession): Promise<void> {
  let target: Target | undefined;
  const start = reader.at;
  /** Up to where lines may have come before the labels. */
  let early = 0;
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    const read = READERS.get(key);
    if (key === 'stream') target = session.target(labelsOf(readPairs(reader)));
    else if (key === 'labels') target = session.target(parseLabels(reader.string()));
    else if (read === undefined) reader.skip();
    else if (target === undefined) {
      reader.skip();
      early = reader.at;
    } else await readLines(reader, session, target, read);
  }
  if (early === 0) return;
  const again = new JsonReader().reset(reader.bytes, start, reader.at);
  await readEarly(again, early, session, target ?? session.target(labelsOf([])));
}

/** The lines of a stream that came before its labels: those up to a place of the body. */
async function readEarly(
  reader: JsonReader,
  upTo: number,
  session: IngestSession,
  target: Target,
): Promise<void> {
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null && reader.at < upTo; key = reader.nextKey()) {
    const read = READERS.get(key);
    if (read === undefined) reader.skip();
    else await readLines(reader, session, target, read);
  }
}

async function readLines(
  reader: JsonReader,
  session: IngestSession,
  target: Target,
  read: typeof readEntry,
): Promise<void> {
  reader.beginArray();
  while (reader.nextItem()) {
    if (isReadFor(target)) read(reader, session, target);
    else {
      reader.skip();
      session.take(target);
    }
    if (session.tired) await session.rest();
  }
}

/** `["<ns>", "line", {metadata}]` */
function readEntry(reader: JsonReader, session: IngestSession, target: Target): void {
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
    session.take(target);
    return;
  }
  // The reader's text lives only until the next one.
  line.bytes = line.bytes.slice(line.start, line.end);
  line.start = 0;
  line.end = line.bytes.length;
  readPairs(reader, line.metadata);
  session.take(target);
  while (reader.nextItem()) reader.skip();
}

/** `{"ts": "<RFC 3339>", "line": "..."}` */
function readOldEntry(reader: JsonReader, session: IngestSession, target: Target): void {
  const { line } = session;
  let time: string | null = null;
  let message: string | null = null;
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    if (key === 'ts' || key === 'timestamp') time = reader.string();
    else if (key === 'line') message = reader.string();
    else reader.skip();
  }
  const parsed = time === null ? null : parseTime(time);
  if (parsed === null || message === null)
    throw logsErrors.make(
      'malformed',
      `an entry before byte ${reader.at}, expected {"ts": RFC 3339, "line": text}`,
    );
  const bytes = Buffer.from(message);
  Object.assign(line, { time: parsed, bytes, start: 0, end: bytes.length, metadata: [] });
  session.take(target);
}

const READERS: ReadonlyMap<string, typeof readEntry> = new Map([
  ['values', readEntry],
  ['entries', readOldEntry],
]);

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

import { wireErrors } from '../../../kernel/wire/errors.ts';
import type { JsonReader } from '../../../kernel/wire/json.ts';
import { type LogTime, parseTime, timeOfNanos } from '../../time.ts';

/** One JSON line, taken apart: what has a place of its own, and the rest as flat pairs. */
export interface LineFieldsOf {
  time: LogTime | null;
  /** A time that was there and could not be read. */
  badTime: string | null;
  service: string;
  message: string | null;
  readonly metadata: string[];
}

const TIME_NAMES: ReadonlySet<string> = new Set([
  'timestamp',
  'time',
  'ts',
  '@timestamp',
  'date',
  'datetime',
]);
const SERVICE_NAMES: ReadonlySet<string> = new Set([
  'service',
  'service.name',
  'service_name',
  'source',
  'app',
  'job',
]);
const MESSAGE_NAMES: ReadonlySet<string> = new Set(['message', 'msg', 'body', 'log', 'text']);
/** Deeper and further values are cut off: they come from outside. */
const MAX_DEPTH = 8;
const MAX_FIELDS = 500;
/** Names join those above them: a long one would be there again for each field below it. */
const LONGEST_NAME = 1024;

/** Reads one object. Nested values become names joined by `_`, lists of scalars are kept as JSON. */
export function readFields(reader: JsonReader): LineFieldsOf {
  const fields: LineFieldsOf = { time: null, badTime: null, service: '', message: null, metadata: [] };
  reader.beginObject();
  for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
    const lower = key.length > 20 ? key : key.toLowerCase();
    const kind = reader.peek();
    // What is null says nothing.
    const isScalar = kind !== 'object' && kind !== 'array' && kind !== 'null';
    if (isScalar && TIME_NAMES.has(lower) && fields.time === null) takeTime(fields, reader.scalarText());
    else if (isScalar && SERVICE_NAMES.has(lower) && fields.service === '')
      fields.service = reader.scalarText();
    else if (isScalar && MESSAGE_NAMES.has(lower) && fields.message === null)
      fields.message = reader.scalarText();
    else flatten(reader, key, fields.metadata, 1);
  }
  return fields;
}

function takeTime(fields: LineFieldsOf, text: string): void {
  fields.time = /^\d+$/.test(text) && text.length > 19 ? null : parseTime(text);
  if (fields.time === null) fields.badTime = text;
}

function flatten(reader: JsonReader, name: string, into: string[], depth: number): void {
  const kind = reader.peek();
  if (into.length >= MAX_FIELDS * 2 || depth > MAX_DEPTH || kind === 'null') {
    reader.skip();
    return;
  }
  if (name.length > LONGEST_NAME)
    throw wireErrors.make(
      'malformed',
      `the name of a field has ${name.length} characters, expected at most ${LONGEST_NAME}`,
    );
  if (kind === 'object') {
    reader.beginObject();
    for (let key = reader.nextKey(); key !== null; key = reader.nextKey())
      flatten(reader, `${name}_${key}`, into, depth + 1);
  } else if (kind === 'array') {
    const start = reader.at;
    reader.skip();
    into.push(name, Buffer.from(reader.bytes.subarray(start, reader.at)).toString().trim());
  } else into.push(name, reader.scalarText());
}

export function nowTime(ms: number): LogTime {
  return timeOfNanos(BigInt(Math.floor(ms)) * 1_000_000n);
}

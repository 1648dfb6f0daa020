import { Buffer } from 'node:buffer';
import { PharosError } from '../../../kernel/errors.ts';
import { JsonReader } from '../../../kernel/wire/json.ts';
import { type LogTime, parseTime } from '../../time.ts';
import { readFields } from '../lines/fields.ts';
import type { FileFormat } from './config.ts';

/** One line of a file, taken apart. */
export interface FileLine {
  /** Which of a container's outputs; empty where there is only one. */
  readonly output: string;
  readonly time: LogTime | null;
  readonly text: Buffer;
  /** More parts of the same line follow. */
  readonly partial: boolean;
  readonly metadata: readonly string[];
  /** Not what the format says; kept as it is. */
  readonly malformed: boolean;
}

/** Reads one line without its end. Never throws. `localMs` turns a time without a zone into UTC. */
export type LineFormat = (line: Buffer, localMs: (wallMs: number) => number) => FileLine;

const NOTHING: readonly string[] = [];

function plainLine(text: Buffer, malformed = false): FileLine {
  return { output: '', time: null, text, partial: false, metadata: NOTHING, malformed };
}

/** A time at the front of a line: ISO 8601, maybe in brackets, with a zone or without. */
const FRONT_TIME =
  /^[[("]?(\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?)( ?(?:[Zz]|UTC|GMT|[+-]\d{2}:?\d{2}))?(?=$|[\])"\s,;|])/;

const plain: LineFormat = (line, localMs) => {
  const match = FRONT_TIME.exec(line.toString('latin1', 0, 48));
  if (match === null) return plainLine(line);
  const zone = (match[2] ?? '')
    .trim()
    .toUpperCase()
    .replace(/^(?:UTC|GMT)$/, 'Z');
  const time = parseTime(`${match[1]}${zone.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2') || 'Z'}`);
  if (time === null) return plainLine(line);
  return { ...plainLine(line), time: zone === '' ? { ...time, ms: localMs(time.ms) } : time };
};

const reader = new JsonReader();

/** Objects as `POST /api/logs` takes them; anything else is a plain line. */
const json: LineFormat = (line) => {
  try {
    if (reader.reset(line).isAtEnd || reader.peek() !== 'object') return plainLine(line, true);
    const { time, message, metadata } = readFields(reader);
    reader.finish();
    // A line without a message is its own message: nothing of it is lost.
    const text = message === null ? line : Buffer.from(message);
    return { ...plainLine(text), time, metadata };
  } catch (error) {
    if (error instanceof PharosError) return plainLine(line, true);
    throw error;
  }
};

/** `<RFC 3339 time> stdout|stderr P|F[:tags] <text>` (Kubernetes, CRI logging). */
const CRI = /^(\S{19,40}) (stdout|stderr) ([PF])(?::\S*)? ?/;

const cri: LineFormat = (line) => {
  const match = CRI.exec(line.toString('latin1', 0, 120));
  const time = match === null ? null : parseTime(match[1] ?? '');
  if (match === null || time === null) return plainLine(line, true);
  const output = match[2] ?? '';
  const text = line.subarray(match[0].length);
  return { output, time, text, partial: match[3] === 'P', metadata: ['stream', output], malformed: false };
};

const OUTPUTS: ReadonlySet<string> = new Set(['stdout', 'stderr']);
const LONGEST_STREAM = 20;

/** `{"log":"text\n","stream":"stdout","time":"…"}` (Docker's json-file driver); without `\n` the line goes on in the next. */
const docker: LineFormat = (line) => {
  let text: Buffer | null = null;
  let stream = '';
  let time: LogTime | null = null;
  try {
    if (reader.reset(line).isAtEnd || reader.peek() !== 'object') return plainLine(line, true);
    reader.beginObject();
    for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) {
      const isText = reader.peek() === 'string';
      if (key === 'log' && isText) {
        reader.stringRange();
        text = Buffer.from(reader.stringBytes.subarray(reader.stringStart, reader.stringEnd));
      } else if (key === 'stream' && isText) stream = reader.string().slice(0, LONGEST_STREAM);
      else if (key === 'time' && isText) time = parseTime(reader.string());
      else reader.skip();
    }
    reader.finish();
  } catch (error) {
    if (error instanceof PharosError) return plainLine(line, true);
    throw error;
  }
  if (text === null || time === null) return plainLine(line, true);
  const partial = text.at(-1) !== 0x0a;
  const end = partial ? text.length : text.length - (text.at(-2) === 0x0d ? 2 : 1);
  return {
    // Each output may have an open record: whatever else a file calls them is one.
    output: OUTPUTS.has(stream) ? stream : '',
    time,
    text: text.subarray(0, end),
    partial,
    metadata: stream === '' ? NOTHING : ['stream', stream],
    malformed: false,
  };
};

export const LINE_FORMATS: Readonly<Record<FileFormat, LineFormat>> = { plain, json, cri, docker };

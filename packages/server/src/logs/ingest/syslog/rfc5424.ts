import { Buffer } from 'node:buffer';
import { parseTime } from '../../time.ts';
import { type SyslogParts, unread } from './parts.ts';

const SPACE = 0x20;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const EQUALS = 0x3d;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
/** Longest header fields (RFC 5424, 6): host 255, app 48, process 128, id 32; senders go over, so each gets the longest. */
const MOST_FIELD = 255;
/** Parameters of one message that are kept. */
const MOST_PARAMETERS = 100;

/** What stands behind `<PRI>1 ` (RFC 5424, 6): TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA [MSG]. */
export function parseRfc5424(bytes: Buffer, from: number): SyslogParts {
  const fields: string[] = [];
  let at = from;
  while (fields.length < 5) {
    const end = bytes.indexOf(SPACE, at);
    if (end <= at || end - at > MOST_FIELD) return unread(bytes, 'bad_header');
    fields.push(bytes.toString('utf8', at, end));
    at = end + 1;
  }
  const [timestamp = '', host = '', app = '', process = '', id = ''] = fields.map((text) =>
    text === '-' ? '' : text,
  );
  const time = timestamp === '' ? null : parseTime(timestamp);
  const isBadTime = timestamp !== '' && (time === null || !/^\d{4}-.*(?:Z|[+-]\d{2}:\d{2})$/.test(timestamp));
  const data = readData(bytes, at);
  const parts = { format: 'rfc5424', time: isBadTime ? null : time, host, app, process, id } as const;
  if (data === null) return { ...parts, data: [], text: bytes.subarray(at), problem: 'bad_structured_data' };
  let start = Math.min(data.end + 1, bytes.length);
  if (bytes.subarray(start, start + 3).equals(BOM)) start += 3;
  const problem = isBadTime ? 'bad_timestamp' : null;
  return { ...parts, data: data.pairs, text: bytes.subarray(start), problem };
}

interface StructuredData {
  readonly pairs: string[];
  /** The byte after it: a blank, or the end. */
  readonly end: number;
}

/** `-` or `[id name="value" …]…` (RFC 5424, 6.3); null when it is neither. */
function readData(bytes: Buffer, from: number): StructuredData | null {
  if (bytes[from] === 0x2d) return isEnd(bytes, from + 1) ? { pairs: [], end: from + 1 } : null;
  const pairs: string[] = [];
  let at = from;
  while (bytes[at] === OPEN) {
    const next = readElement(bytes, at + 1, pairs);
    if (next === null) return null;
    at = next;
  }
  return at > from && isEnd(bytes, at) ? { pairs, end: at } : null;
}

function isEnd(bytes: Buffer, at: number): boolean {
  return at === bytes.length || bytes[at] === SPACE;
}

/** One element from behind its `[`; returns the place after its `]`. */
function readElement(bytes: Buffer, from: number, pairs: string[]): number | null {
  let at = nameEnd(bytes, from);
  if (at === from) return null;
  const element = bytes.toString('utf8', from, at);
  while (bytes[at] === SPACE) {
    const start = at + 1;
    const end = nameEnd(bytes, start);
    if (end === start) {
      // Blanks before `]`, which many senders leave.
      at = start;
      continue;
    }
    if (bytes[end] !== EQUALS || bytes[end + 1] !== QUOTE) return null;
    const value = readValue(bytes, end + 2);
    if (value === null) return null;
    if (pairs.length < 2 * MOST_PARAMETERS)
      pairs.push(metadataName(`${element}_${bytes.toString('utf8', start, end)}`), value.text);
    at = value.end;
  }
  return bytes[at] === CLOSE ? at + 1 : null;
}

function nameEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && at - from <= MOST_FIELD) {
    const byte = bytes[at];
    if (byte <= SPACE || byte === EQUALS || byte === CLOSE || byte === QUOTE) break;
    at++;
  }
  return at;
}

/** A value from behind its quote; `\"`, `\\` and `\]` are escapes, any other backslash stands for itself (6.3.3). */
function readValue(bytes: Buffer, from: number): { readonly text: string; readonly end: number } | null {
  let escaped = false;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === BACKSLASH) {
      escaped = true;
      at++;
    } else if (byte === QUOTE) {
      const text = bytes.toString('utf8', from, at);
      return { text: escaped ? text.replace(/\\(["\\\]])/g, '$1') : text, end: at + 1 };
    }
  }
  return null;
}

/** As a query can name it: letters, digits and `_`. */
function metadataName(text: string): string {
  const name = text.replace(/[^a-zA-Z0-9_]/g, '_');
  return /^\d/.test(name) ? `_${name}` : name;
}

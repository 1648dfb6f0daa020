import { Buffer } from 'node:buffer';

/** A member's value as it stands in the bytes of its object. */
export interface MemberText {
  readonly start: number;
  readonly end: number;
  /** Members of all objects in it, as often as they are written. */
  readonly members: number;
}

/** Of an event: undefined for a member it does not have. */
export interface MemberTexts {
  readonly data: MemberText | undefined;
  readonly metadata: MemberText | undefined;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const BLANK = 0x20;

/** 1 for bytes that say something of JSON's structure outside strings; the others are passed over. */
const TELLING = new Uint8Array(256).fill(1, 0, BLANK + 1);
for (const byte of [QUOTE, COMMA, COLON, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT])
  TELLING[byte] = 1;

const DATA = Buffer.from('data');
const METADATA = Buffer.from('metadata');

/**
 * Where `data` and `metadata` stand in the bytes of an event, so that they can be stored without being written anew. The bytes must be
 * JSON that was parsed, in UTF-8. Null when it has blanks between its parts, or escapes: then it is better written anew.
 */
export function memberTexts(bytes: Uint8Array, start: number, end: number): MemberTexts | null {
  let data: MemberText | undefined;
  let metadata: MemberText | undefined;
  for (let at = start + 1; at < end && bytes[at] === QUOTE; ) {
    const nameEnd = stringEnd(bytes, at, end);
    if (nameEnd < 0 || bytes[nameEnd + 1] !== COLON) return null;
    const value = valueAt(bytes, nameEnd + 2, end);
    if (value === null) return null;
    // The last of those with one name counts, as it does when they are parsed.
    if (isNamed(bytes, at, nameEnd, DATA)) data = value;
    else if (isNamed(bytes, at, nameEnd, METADATA)) metadata = value;
    at = value.end + 1;
  }
  return { data, metadata };
}

function isNamed(bytes: Uint8Array, quote: number, end: number, name: Uint8Array): boolean {
  if (end - quote - 1 !== name.length) return false;
  for (let i = 0; i < name.length; i++) if (bytes[quote + 1 + i] !== name[i]) return false;
  return true;
}

/** The value that begins here, up to the comma or bracket behind it; null when it is better written anew. */
function valueAt(bytes: Uint8Array, start: number, end: number): MemberText | null {
  let depth = 0;
  let members = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (TELLING[byte] === 0) continue;
    if (byte === QUOTE) {
      at = stringEnd(bytes, at, end);
      if (at < 0) return null;
    } else if (byte <= BLANK) return null;
    else if (byte === COLON) members++;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
    else if (depth === 0) return { start, end: at, members };
    else if (byte !== COMMA) depth--;
  }
  return null;
}

/** The closing quote of a string; -1 when it has an escape. */
function stringEnd(bytes: Uint8Array, quote: number, end: number): number {
  for (let at = quote + 1; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) return -1;
  }
  return -1;
}

/** A stretch of a body that should be one event. */
export interface Item {
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const NEWLINE = 0x0a;

/** The byte order mark in UTF-8. */
const MARK = [0xef, 0xbb, 0xbf];

/**
 * The items of a batch: of an array those between its commas, else the lines. Only strings and brackets are looked at, so that one
 * item that is no JSON costs no other. What is after the array's end is one more item, which is then refused.
 */
export function* batchItems(bytes: Uint8Array): Generator<Item, void> {
  const begin = blanksEnd(bytes, MARK.every((byte, i) => bytes[i] === byte) ? MARK.length : 0);
  if (bytes[begin] === OPEN_ARRAY) yield* arrayItems(bytes, begin + 1);
  else yield* lines(bytes, begin);
}

function* lines(bytes: Uint8Array, begin: number): Generator<Item, void> {
  for (let start = begin; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    const item = trimmed(bytes, start, end);
    if (item.end > item.start) yield item;
    start = end + 1;
  }
}

function* arrayItems(bytes: Uint8Array, begin: number): Generator<Item, void> {
  let start = begin;
  for (let first = true; ; first = false) {
    const end = itemEnd(bytes, start);
    const item = trimmed(bytes, start, end);
    const closed = bytes[end] === CLOSE_ARRAY;
    // An empty array has no item; a missing one between commas is an item that is nothing.
    if (item.end > item.start || !(first && closed)) yield item;
    if (bytes[end] === COMMA) {
      start = end + 1;
      continue;
    }
    if (closed) {
      const rest = trimmed(bytes, end + 1, bytes.length);
      if (rest.end > rest.start) yield rest;
    } else yield { start: bytes.length, end: bytes.length };
    return;
  }
}

/** The comma or bracket that ends an item, or the end of the body. */
function itemEnd(bytes: Uint8Array, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) at = stringEnd(bytes, at);
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (depth === 0 && byte === CLOSE_ARRAY) return at;
      if (depth > 0) depth--;
    } else if (byte === COMMA && depth === 0) return at;
  }
  return bytes.length;
}

/** The closing quote of a string, or the end of the body. */
function stringEnd(bytes: Uint8Array, quote: number): number {
  for (let at = quote + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) return at;
  }
  return bytes.length;
}

function trimmed(bytes: Uint8Array, from: number, to: number): Item {
  const start = blanksEnd(bytes, from);
  let end = to;
  while (end > start && isBlank(bytes[end - 1])) end--;
  return { start: Math.min(start, end), end };
}

function blanksEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && isBlank(bytes[at])) at++;
  return at;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === NEWLINE;
}

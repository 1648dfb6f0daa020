/** The head of an answer. Names of headers in lower case; of a repeated one the first value. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Bytes of the body as the head announces them; undefined when it does not. */
  readonly contentLength: number | undefined;
}

/** Takes an answer apart. What it throws ends the reading. */
export interface ResponseSink {
  head(head: ResponseHead): void;
  /** A piece of the body: `bytes[start, end)`, only valid during the call. */
  data(bytes: Uint8Array, start: number, end: number): void;
}

/** Longest head, and longest line between chunks. */
const MAX_HEAD = 64 * 1024;
const MAX_CHUNK_LINE = 4096;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;

type State = 'head' | 'length' | 'until-close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'done';

/**
 * Reads one answer to a GET, HTTP/1.0 or 1.1 (RFC 9112), from bytes in pieces of any size, without a copy of the body. Throws
 * an Error that says what is wrong with bytes that are no such answer.
 */
export class ResponseParser {
  readonly #sink: ResponseSink;
  #state: State = 'head';
  /** Bytes left of the body or of a chunk. */
  #left = 0;
  #reusable = false;
  /** A head or a line that came in pieces. */
  #pending = '';

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  get done(): boolean {
    return this.#state === 'done';
  }

  /** Whether the connection may carry another request; known once the answer is done. */
  get reusable(): boolean {
    return this.#reusable;
  }

  /** Reads on; returns how many bytes belonged to the answer. Those after its end are not looked at. */
  push(bytes: Uint8Array, length: number): number {
    let at = 0;
    while (at < length && this.#state !== 'done') at = this.#step(bytes, at, length);
    return at;
  }

  /** The other side ended the connection. Throws when the answer is not whole. */
  end(): void {
    if (this.#state === 'until-close') this.#state = 'done';
    if (this.#state !== 'done') throw new Error('the connection was closed before the end of the answer');
  }

  #step(bytes: Uint8Array, at: number, length: number): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes, at, length);
      case 'length':
      case 'chunk':
        return this.#readCounted(bytes, at, length);
      case 'until-close':
        this.#sink.data(bytes, at, length);
        return length;
      case 'chunk-size':
      case 'chunk-end':
      case 'trailers':
        return this.#readLine(bytes, at, length);
      case 'done':
        return length;
    }
  }

  #readHead(bytes: Uint8Array, at: number, length: number): number {
    const end = endOfHead(bytes, at, length, this.#pending);
    this.#pending += latin1(bytes, at, end < 0 ? length : end);
    if (this.#pending.length > MAX_HEAD) throw new Error(`the head of the answer exceeds ${MAX_HEAD} bytes`);
    if (end < 0) return length;
    const text = this.#pending;
    this.#pending = '';
    this.#begin(text);
    return end;
  }

  #begin(text: string): void {
    const { version, head } = parseHead(text);
    if (head.status >= 100 && head.status < 200) {
      if (head.status === 101) throw new Error('the answer switches protocols, which was not asked for');
      return;
    }
    const { headers, contentLength } = head;
    const connection = (headers.get('connection') ?? '').toLowerCase();
    this.#reusable = version === 1 ? !connection.includes('close') : connection.includes('keep-alive');
    const coding = headers.get('transfer-encoding');
    if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
      throw new Error(`the answer has the unknown transfer coding ${JSON.stringify(coding)}`);
    }
    this.#sink.head(head);
    if (head.status === 204 || head.status === 304) this.#state = 'done';
    else if (coding !== undefined) this.#state = 'chunk-size';
    else if (contentLength !== undefined) {
      this.#left = contentLength;
      this.#state = contentLength === 0 ? 'done' : 'length';
    } else {
      this.#reusable = false;
      this.#state = 'until-close';
    }
  }

  #readCounted(bytes: Uint8Array, at: number, length: number): number {
    const end = Math.min(length, at + this.#left);
    this.#sink.data(bytes, at, end);
    this.#left -= end - at;
    if (this.#left === 0) this.#state = this.#state === 'length' ? 'done' : 'chunk-end';
    return end;
  }

  #readLine(bytes: Uint8Array, at: number, length: number): number {
    const found = bytes.subarray(0, length).indexOf(LF, at);
    this.#pending += latin1(bytes, at, found < 0 ? length : found);
    if (this.#pending.length > MAX_CHUNK_LINE) throw new Error('a line between chunks is too long');
    if (found < 0) return length;
    const line = this.#pending.endsWith('\r') ? this.#pending.slice(0, -1) : this.#pending;
    this.#pending = '';
    this.#line(line);
    return found + 1;
  }

  #line(line: string): void {
    if (this.#state === 'trailers') {
      if (line === '') this.#state = 'done';
      return;
    }
    if (this.#state === 'chunk-end') {
      if (line !== '') throw new Error('a chunk is longer than it says');
      this.#state = 'chunk-size';
      return;
    }
    const size = CHUNK_SIZE.exec(line)?.[1];
    if (size === undefined)
      throw new Error(`${JSON.stringify(line.slice(0, 40))} is not the size of a chunk`);
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
  }
}

const CHUNK_SIZE = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/;
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: .*)?$/;
const FIELD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Names that were seen, in lower case: targets say the same ones every time. */
const FIELD_NAMES = new Map<string, string>();
const MOST_FIELD_NAMES = 256;

/** A header's name in lower case, or undefined when it is none. */
function fieldName(text: string): string | undefined {
  const known = FIELD_NAMES.get(text);
  if (known !== undefined) return known;
  if (!FIELD_NAME.test(text)) return undefined;
  const name = text.toLowerCase();
  if (FIELD_NAMES.size < MOST_FIELD_NAMES && text.length <= MOST_NAME_LENGTH) FIELD_NAMES.set(text, name);
  return name;
}

const MOST_NAME_LENGTH = 64;

/** The text of `[start, end)` without blanks and tabs at both ends. */
function trimBlanks(text: string, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** How nearly every answer begins. */
const USUAL_STATUS = 'HTTP/1.1 200 OK';

function parseStatus(line: string): { readonly version: number; readonly status: number } {
  if (line === USUAL_STATUS) return { version: 1, status: 200 };
  const found = STATUS_LINE.exec(line);
  if (found === null) throw new Error(`${JSON.stringify(line.slice(0, 80))} is not HTTP/1.1`);
  return { version: Number(found[1]), status: Number(found[2]) };
}

/** Line by line in place: a head comes with every scrape, and lists of its lines cost more than what they say. */
function parseHead(text: string): { version: number; head: ResponseHead } {
  let end = text.indexOf('\n');
  const { version, status } = parseStatus(text.slice(0, lineEnd(text, 0, end)));
  const headers = new Map<string, string>();
  let contentLength: number | undefined;
  while (end < text.length) {
    const start = end + 1;
    end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const stop = lineEnd(text, start, end);
    if (stop === start) continue;
    const colon = text.indexOf(':', start);
    const name = colon <= start || colon >= stop ? undefined : fieldName(text.slice(start, colon));
    if (name === undefined)
      throw new Error(`${JSON.stringify(text.slice(start, Math.min(stop, start + 80)))} is not a header`);
    const value = trimBlanks(text, colon + 1, stop);
    if (name === 'content-length') {
      const given = CONTENT_LENGTH.test(value) ? Number(value) : Number.NaN;
      if (given !== given || (contentLength !== undefined && contentLength !== given))
        throw new Error(`the answer has the wrong Content-Length ${JSON.stringify(value.slice(0, 40))}`);
      contentLength = given;
    }
    if (!headers.has(name)) headers.set(name, value);
  }
  // With both, the chunks count (RFC 9112 §6.3).
  const length = headers.has('transfer-encoding') ? undefined : contentLength;
  return { version, head: { status, headers, contentLength: length } };
}

const CONTENT_LENGTH = /^\d{1,15}$/;

/** Where the line `[start, end)` ends without its CR. */
function lineEnd(text: string, start: number, end: number): number {
  return end > start && text.charCodeAt(end - 1) === CR ? end - 1 : end;
}

/** The offset behind the empty line that ends a head, or -1. `before` is what came of it in earlier pieces. */
function endOfHead(bytes: Uint8Array, from: number, length: number, before: string): number {
  let last = before.length;
  while (before[last - 1] === '\r') last--;
  let blank = before[last - 1] === '\n';
  for (let i = from; i < length; i++) {
    const byte = bytes[i];
    if (byte === LF) {
      if (blank) return i + 1;
      blank = true;
    } else if (byte !== CR) blank = false;
  }
  return -1;
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString('latin1', start, end);
}

import { wireErrors } from './errors.ts';
import { utf8Text } from './protobuf.ts';

/** What the next value is, told by its first byte. */
export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null';

const BYTE = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openArray: 0x5b,
  backslash: 0x5c,
  closeArray: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const;

/** Deeper nesting is an attack on the stack. */
const MAX_DEPTH = 64;

/**
 * Reads JSON (RFC 8259) from bytes, value by value, without making the objects: for doors whose bodies are mostly texts to be passed
 * on. The caller says what it expects; anything else fails with `wire.malformed`, which names the byte. Duplicate keys come as they
 * stand.
 *
 *     reader.beginObject();
 *     for (let key = reader.nextKey(); key !== null; key = reader.nextKey()) …read or skip exactly one value…
 */
export class JsonReader {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  /** Of the last text read by {@link stringRange}. */
  stringBytes: Uint8Array = this.bytes;
  stringStart = 0;
  stringEnd = 0;
  #scratch = Buffer.alloc(256);
  #depth = 0;
  /** By depth, whether a member came already. */
  readonly #seen = new Uint8Array(MAX_DEPTH + 1);

  reset(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.#depth = 0;
    return this;
  }

  peek(): JsonKind {
    switch (this.#next()) {
      case BYTE.openObject:
        return 'object';
      case BYTE.openArray:
        return 'array';
      case BYTE.quote:
        return 'string';
      case 0x74:
      case 0x66:
        return 'boolean';
      case 0x6e:
        return 'null';
      default:
        return 'number';
    }
  }

  beginObject(): void {
    this.#open(BYTE.openObject, 'an object');
  }

  /** The next member's name, or null after the last one. */
  nextKey(): string | null {
    if (!this.#member(BYTE.closeObject)) return null;
    const key = this.string();
    if (this.#next() !== BYTE.colon) throw this.#wrong('":"');
    this.at++;
    return key;
  }

  beginArray(): void {
    this.#open(BYTE.openArray, 'an array');
  }

  /** Whether another item follows. */
  nextItem(): boolean {
    return this.#member(BYTE.closeArray);
  }

  string(): string {
    this.stringRange();
    const text = utf8Text(this.stringBytes, this.stringStart, this.stringEnd);
    if (text === null)
      throw wireErrors.make('malformed', `JSON: the text before byte ${this.at} is not valid UTF-8`);
    return text;
  }

  /**
   * Reads a text as UTF-8 bytes: `stringBytes` from `stringStart` to `stringEnd`, valid until the next call. Without escapes they are the
   * body's own. Lone surrogate escapes become U+FFFD. Whether the bytes are valid UTF-8 is for the caller to ask.
   */
  stringRange(): void {
    if (this.#next() !== BYTE.quote) throw this.#wrong('a text');
    const { bytes, end } = this;
    const start = this.at + 1;
    let at = start;
    while (at < end && bytes[at] !== BYTE.quote && bytes[at] !== BYTE.backslash) {
      if (bytes[at] < 0x20) throw this.#control(at);
      at++;
    }
    if (at >= end) throw this.#truncated();
    if (bytes[at] === BYTE.quote) {
      this.stringBytes = bytes;
      this.stringStart = start;
      this.stringEnd = at;
      this.at = at + 1;
      return;
    }
    this.#unescape(start, at);
  }

  number(): number {
    const start = this.#start();
    const { bytes, end } = this;
    let at = start;
    while (at < end && isNumberPart(bytes[at])) at++;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, at - start).toString('latin1');
    if (!NUMBER.test(text)) throw this.#wrong('a number');
    this.at = at;
    return Number(text);
  }

  /** Any value but an object or array, as text: numbers as they are written, `true`, `false`, and nothing for null. */
  scalarText(): string {
    const kind = this.peek();
    if (kind === 'string') return this.string();
    const start = this.#start();
    this.#skipScalar(kind);
    if (kind === 'null') return '';
    const { bytes } = this;
    return Buffer.from(bytes.buffer, bytes.byteOffset + start, this.at - start).toString('latin1');
  }

  /** Steps over one value of any kind. */
  skip(): void {
    const kind = this.peek();
    if (kind === 'object') {
      this.beginObject();
      while (this.#member(BYTE.closeObject)) {
        this.stringRange();
        if (this.#next() !== BYTE.colon) throw this.#wrong('":"');
        this.at++;
        this.skip();
      }
    } else if (kind === 'array') {
      this.beginArray();
      while (this.nextItem()) this.skip();
    } else if (kind === 'string') this.stringRange();
    else this.#skipScalar(kind);
  }

  /** To be called after the one value of a body: nothing but blanks may follow. */
  finish(): void {
    this.#blanks();
    if (this.at < this.end) throw this.#wrong('the end');
  }

  /** Whether only blanks are left. */
  get isAtEnd(): boolean {
    this.#blanks();
    return this.at >= this.end;
  }

  #skipScalar(kind: JsonKind): void {
    if (kind === 'number') {
      this.number();
      return;
    }
    const start = this.#start();
    for (const word of WORDS) {
      if (word[0] !== this.bytes[start] || start + word.length > this.end) continue;
      if (word.every((byte, i) => this.bytes[start + i] === byte)) {
        this.at = start + word.length;
        return;
      }
    }
    throw this.#wrong('a value');
  }

  #open(byte: number, what: string): void {
    if (this.#next() !== byte) throw this.#wrong(what);
    this.at++;
    if (this.#depth === MAX_DEPTH)
      throw wireErrors.make('malformed', `JSON: nested more than ${MAX_DEPTH} deep at byte ${this.at}`);
    this.#seen[++this.#depth] = 0;
  }

  /** Steps over the comma before a member, or over the close. */
  #member(close: number): boolean {
    let next = this.#next();
    if (next === close) {
      this.at++;
      this.#depth--;
      return false;
    }
    if (this.#seen[this.#depth] === 1) {
      if (next !== BYTE.comma) throw this.#wrong(`"," or "${String.fromCharCode(close)}"`);
      this.at++;
      next = this.#next();
      if (next === close) throw this.#wrong('a member after ","');
    }
    this.#seen[this.#depth] = 1;
    return true;
  }

  #unescape(start: number, firstEscape: number): void {
    const { bytes, end } = this;
    let at = firstEscape;
    let out = 0;
    out = this.#copy(start, at, out);
    for (;;) {
      // At a backslash.
      const code = bytes[at + 1] ?? 0;
      if (at + 1 >= end) throw this.#truncated();
      if (code === 0x75) {
        const point = this.#escapedPoint(at);
        at += point > 0xffff ? 12 : 6;
        this.#room(out + 4);
        out += this.#scratch.write(String.fromCodePoint(isSurrogate(point) ? 0xfffd : point), out, 'utf8');
      } else {
        const plain = ESCAPES.get(code);
        if (plain === undefined) throw wireErrors.make('malformed', `JSON: an unknown escape at byte ${at}`);
        this.#room(out + 1);
        this.#scratch[out++] = plain;
        at += 2;
      }
      const from = at;
      while (at < end && bytes[at] !== BYTE.quote && bytes[at] !== BYTE.backslash) {
        if (bytes[at] < 0x20) throw this.#control(at);
        at++;
      }
      if (at >= end) throw this.#truncated();
      out = this.#copy(from, at, out);
      if (bytes[at] === BYTE.quote) break;
    }
    this.stringBytes = this.#scratch;
    this.stringStart = 0;
    this.stringEnd = out;
    this.at = at + 1;
  }

  /** The code point of a `\uXXXX` or a pair of them. */
  #escapedPoint(at: number): number {
    const high = this.#hex(at + 2);
    if (high < 0xd800 || high > 0xdbff) return high;
    const { bytes } = this;
    if (at + 12 > this.end || bytes[at + 6] !== BYTE.backslash || bytes[at + 7] !== 0x75) return high;
    const low = this.#hex(at + 8);
    return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00) : high;
  }

  #hex(at: number): number {
    let value = 0;
    if (at + 4 > this.end) throw this.#truncated();
    for (let i = at; i < at + 4; i++) {
      const digit = Number.parseInt(String.fromCharCode(this.bytes[i]), 16);
      if (Number.isNaN(digit))
        throw wireErrors.make('malformed', `JSON: expected four hex digits at byte ${at}`);
      value = value * 16 + digit;
    }
    return value;
  }

  #copy(from: number, to: number, out: number): number {
    this.#room(out + to - from);
    this.#scratch.set(this.bytes.subarray(from, to), out);
    return out + to - from;
  }

  #room(size: number): void {
    if (size <= this.#scratch.length) return;
    const grown = Buffer.alloc(Math.max(size, this.#scratch.length * 2));
    grown.set(this.#scratch);
    this.#scratch = grown;
  }

  #blanks(): void {
    const { bytes, end } = this;
    let { at } = this;
    while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09))
      at++;
    this.at = at;
  }

  #next(): number {
    this.#blanks();
    if (this.at >= this.end) throw this.#truncated();
    return this.bytes[this.at];
  }

  #start(): number {
    this.#next();
    return this.at;
  }

  #wrong(expected: string): Error {
    const found = this.at < this.end ? JSON.stringify(String.fromCharCode(this.bytes[this.at])) : 'the end';
    return wireErrors.make('malformed', `JSON: ${found} at byte ${this.at}, expected ${expected}`);
  }

  #control(at: number): Error {
    return wireErrors.make('malformed', `JSON: a control character in a text at byte ${at}`);
  }

  #truncated(): Error {
    return wireErrors.make('malformed', 'JSON: the body ends in the middle of a value');
  }
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORDS = ['true', 'false', 'null'].map((word) => [...Buffer.from(word)]);
const ESCAPES: ReadonlyMap<number, number> = new Map(
  Object.entries({ '"': 0x22, '\\': 0x5c, '/': 0x2f, b: 8, f: 12, n: 10, r: 13, t: 9 }).map(
    ([name, byte]) => [name.charCodeAt(0), byte],
  ),
);

function isNumberPart(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e ||
    byte === 0x65 ||
    byte === 0x45
  );
}

function isSurrogate(point: number): boolean {
  return point >= 0xd800 && point <= 0xdfff;
}

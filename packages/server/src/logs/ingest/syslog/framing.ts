import { Buffer } from 'node:buffer';

/** Takes one message; `cut` says that it was longer and its rest is gone. */
export type TakeFrame = (frame: Buffer, cut: boolean) => void;

const LF = 0x0a;
const CR = 0x0d;
const NUL = 0x00;
const SPACE = 0x20;
const PRI_OPEN = 0x3c;
/** Digits of a message length: more cannot be meant. */
const MOST_DIGITS = 9;
const NOTHING = Buffer.alloc(0);

/**
 * Messages of a TCP stream (RFC 6587): octet counting (`123 <13>…`) or one message a line, told apart message by message. A number
 * counts as a length only when a blank and `<` follow it, so that a plain line may begin with digits. Holds at most `mostBytes` of an
 * unfinished message; what is longer is cut, and its rest skipped.
 */
export class SyslogFrames {
  readonly #mostBytes: number;
  /** Bytes of a message that has not ended yet, length prefix included. */
  #rest: Buffer = NOTHING;
  /** Octets of a counted message, or all up to the end of the line, that are to be passed over. */
  #skip: number | 'line' = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get held(): number {
    return this.#rest.length;
  }

  push(chunk: Buffer, take: TakeFrame): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = this.#skipped(bytes);
    while (at < bytes.length) {
      const next = this.#frame(bytes, at, take);
      if (next === null) break;
      at = next;
    }
    // A copy: the chunk it stands in is the socket's.
    this.#rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : NOTHING;
  }

  /** The connection has ended: a line without its end is a message too. */
  end(take: TakeFrame): void {
    const rest = this.#rest;
    this.#rest = NOTHING;
    if (rest.length === 0 || this.#skip !== 0) return;
    const counted = countedFrame(rest, 0);
    const start = counted === null || counted === 'more' ? 0 : counted.start;
    if (start < rest.length) takeLine(rest, start, rest.length, start > 0, take);
  }

  #skipped(bytes: Buffer): number {
    if (this.#skip === 'line') {
      const end = bytes.indexOf(LF);
      if (end < 0) return bytes.length;
      this.#skip = 0;
      return end + 1;
    }
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    return skipped;
  }

  /** The place after the frame that begins at `at`; null when it has not ended. */
  #frame(bytes: Buffer, at: number, take: TakeFrame): number | null {
    const counted = countedFrame(bytes, at);
    if (counted === 'more') return null;
    if (counted !== null) return this.#counted(bytes, counted, take);
    const end = bytes.indexOf(LF, at);
    if (end >= 0) {
      const cut = end - at > this.#mostBytes;
      takeLine(bytes, at, cut ? at + this.#mostBytes : end, cut, take);
      return end + 1;
    }
    if (bytes.length - at <= this.#mostBytes) return null;
    takeLine(bytes, at, at + this.#mostBytes, true, take);
    this.#skip = 'line';
    return bytes.length;
  }

  #counted(bytes: Buffer, { start, length }: Counted, take: TakeFrame): number | null {
    const end = start + length;
    if (length > this.#mostBytes) {
      if (bytes.length - start < this.#mostBytes) return null;
      take(bytes.subarray(start, start + this.#mostBytes), true);
      const there = Math.min(end, bytes.length);
      this.#skip = end - there;
      return there;
    }
    if (bytes.length < end) return null;
    takeLine(bytes, start, end, false, take);
    return end;
  }
}

interface Counted {
  readonly start: number;
  readonly length: number;
}

/** The length prefix at `at`: none, not all of it there yet, or where its message starts and how long it is. */
function countedFrame(bytes: Buffer, at: number): Counted | 'more' | null {
  let to = at;
  let length = 0;
  while (to < bytes.length && isDigit(bytes[to])) {
    if (to - at >= MOST_DIGITS) return null;
    length = length * 10 + bytes[to++] - 0x30;
  }
  if (to === at || bytes[at] === 0x30) return null;
  if (to + 1 >= bytes.length) return to === bytes.length || bytes[to] === SPACE ? 'more' : null;
  return bytes[to] === SPACE && bytes[to + 1] === PRI_OPEN ? { start: to + 1, length } : null;
}

/** Without the line's end and the NUL that some senders close with; nothing at all is no message. */
function takeLine(bytes: Buffer, start: number, end: number, cut: boolean, take: TakeFrame): void {
  let stop = end;
  while (stop > start && (bytes[stop - 1] === CR || bytes[stop - 1] === NUL || bytes[stop - 1] === LF))
    stop--;
  if (stop > start) take(bytes.subarray(start, stop), cut);
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

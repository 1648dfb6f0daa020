import { Buffer, isAscii, isUtf8 } from 'node:buffer';
import { eventsErrors } from '../errors.ts';

/** The bytes of a request, whose parts are read as texts. */
export class BodyText {
  readonly bytes: Buffer;
  /** Then no part needs to be looked at again. */
  readonly #isAscii: boolean;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#isAscii = isAscii(this.bytes);
  }

  /** A part as a text. Throws `events.badEvent` when it is not UTF-8. */
  text(start: number, end: number): string {
    if (this.#isAscii) return this.bytes.toString('latin1', start, end);
    if (!isUtf8(this.bytes.subarray(start, end)))
      throw eventsErrors.make('badEvent', 'the event is not valid UTF-8');
    return this.bytes.toString('utf8', start, end);
  }

  /** A part of a part, whose `text` begins at `at`. */
  within(text: string, at: number, start: number, end: number): string {
    return this.#isAscii ? text.slice(start - at, end - at) : this.bytes.toString('utf8', start, end);
  }
}

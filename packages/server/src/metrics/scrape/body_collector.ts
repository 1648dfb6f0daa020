import type { BodyBuffers } from './body_buffers.ts';
import { scrapeErrors } from './errors.ts';
import type { ResponseHead, ResponseSink } from './response_parser.ts';

/** What an announced length may reserve before any of it came. */
const MOST_RESERVED = 1024 * 1024 - 1;
const FIRST = 64 * 1024 - 1;
/** The body of an answer that is not 200 is skipped up to here; a longer one costs the connection. */
const MOST_SKIPPED = 64 * 1024;

/** Thrown when the rest of an answer is not worth reading: what is known of it is all that counts. */
export const ENOUGH = new Error('the rest of the answer is not needed');

/** An answer with its body, in a buffer that has at least one spare byte behind `length`. */
export interface CollectedAnswer {
  readonly status: number;
  header(name: string): string | undefined;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly length: number;
}

/** Puts the body of one answer into a buffer; of one that is not 200 only the head counts. Throws `scrape.body_too_large` and ENOUGH. */
export class BodyCollector implements ResponseSink {
  readonly #buffers: BodyBuffers;
  readonly #limit: number;
  #head: ResponseHead | null = null;
  #bytes: Uint8Array<ArrayBuffer> = NOTHING;
  #length = 0;
  #skipped = 0;

  constructor(buffers: BodyBuffers, limit: number) {
    this.#buffers = buffers;
    this.#limit = limit;
  }

  head(head: ResponseHead): void {
    this.#head = head;
    if (head.status !== 200) {
      if (head.status >= 400 && head.contentLength === undefined) throw ENOUGH;
      return;
    }
    const announced = head.contentLength ?? FIRST;
    if (head.contentLength !== undefined && announced > this.#limit) throw this.#tooLarge();
    this.#bytes = this.#take(Math.min(announced, MOST_RESERVED) + 1);
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    if (this.#head?.status !== 200) {
      this.#skipped += end - start;
      if (this.#skipped > MOST_SKIPPED) throw ENOUGH;
      return;
    }
    const next = this.#length + end - start;
    if (next > this.#limit) throw this.#tooLarge();
    if (next >= this.#bytes.length) this.#grow(next + 1);
    this.#bytes.set(bytes.subarray(start, end), this.#length);
    this.#length = next;
  }

  header(name: string): string | undefined {
    return this.#head?.headers.get(name);
  }

  answer(): CollectedAnswer {
    return {
      status: this.#head?.status ?? 0,
      header: (name) => this.header(name),
      bytes: this.#bytes,
      length: this.#length,
    };
  }

  /** Nobody will read the body. */
  discard(): void {
    this.#buffers.give(this.#bytes);
    this.#bytes = NOTHING;
  }

  #grow(atLeast: number): void {
    const grown = this.#take(Math.max(atLeast, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#buffers.give(this.#bytes);
    this.#bytes = grown;
  }

  /** All of a buffer's room, which may be more than was asked for. */
  #take(bytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffers.take(bytes).buffer);
  }

  #tooLarge(): Error {
    return scrapeErrors.make('body_too_large', `the body exceeds ${this.#limit} bytes`);
  }
}

const NOTHING = new Uint8Array(0);

import { Buffer } from 'node:buffer';
import type { StoredEvent } from '../store/stored-event.ts';

/** A verdict as the answer has it; empty where it is not asked for. */
export type RenderVerdict = (event: StoredEvent, duplicate: boolean, index: number) => string;

/**
 * The answers to the items of a batch, in order. They are text as soon as they are known, and bytes after each slice: the events themselves
 * are let go of, since thousands of them that live until the batch is stored would cost the collector more than judging them.
 */
export class BatchAnswers {
  readonly #render: RenderVerdict;
  readonly #parts: (Buffer | Promise<string>)[] = [];
  #text = '';
  #size = 0;
  #accepted = 0;
  #duplicates = 0;

  constructor(render: RenderVerdict) {
    this.#render = render;
  }

  /** Items so far. */
  get size(): number {
    return this.#size;
  }

  get accepted(): number {
    return this.#accepted;
  }

  get duplicates(): number {
    return this.#duplicates;
  }

  /** An item that is no event. */
  skip(): void {
    this.#size++;
  }

  add(event: StoredEvent): void {
    const text = this.#render(event, false, this.#size++);
    this.#accepted++;
    if (text !== '') this.#text += `,${text}`;
  }

  /** The answer to a repeat, which may be of an item of this very batch. A failure reaches who takes the answers. */
  repeat(earlier: StoredEvent | Promise<StoredEvent>): void {
    const index = this.#size++;
    this.#duplicates++;
    this.endSlice();
    const answer = Promise.resolve(earlier).then((event) => this.#render(event, true, index));
    answer.catch(() => {});
    this.#parts.push(answer);
  }

  endSlice(): void {
    if (this.#text === '') return;
    this.#parts.push(Buffer.from(this.#text));
    this.#text = '';
  }

  /** All of them, with commas between. */
  async take(): Promise<readonly Buffer[]> {
    this.endSlice();
    const taken: Buffer[] = [];
    for (const part of this.#parts) {
      const bytes = part instanceof Promise ? repeated(await part) : part;
      if (bytes.length > 0) taken.push(taken.length === 0 ? bytes.subarray(1) : bytes);
    }
    return taken;
  }
}

function repeated(text: string): Buffer {
  return Buffer.from(text === '' ? '' : `,${text}`);
}

import { tracesErrors } from '../errors.ts';
import type { StoredSpan } from './span.ts';

/** For whom traces are read. */
export interface Asking {
  readonly signal?: AbortSignal | undefined;
  /** What the spans of the answer may take; anything when absent. */
  readonly memory?: AnswerMemory | undefined;
}

/** What the spans take that answers hold until they are sent, all answers together. */
export class SpanMemory {
  readonly #most: number;
  #held = 0;

  /** Bytes. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Bytes that are held now. */
  get held(): number {
    return this.#held;
  }

  open(): AnswerMemory {
    return new AnswerMemory(this.#most, (bytes) => {
      this.#held += bytes;
      return this.#held <= this.#most;
    });
  }
}

/** What the spans of one answer take. */
export class AnswerMemory {
  readonly #most: number;
  readonly #hold: (bytes: number) => boolean;
  #taken = 0;
  #closed = false;

  /** `hold` adds to what all answers hold, or takes from it, and says whether there was room. */
  constructor(most: number, hold: (bytes: number) => boolean) {
    this.#most = most;
    this.#hold = hold;
  }

  get taken(): number {
    return this.#taken;
  }

  /**
   * False where this answer alone would hold more than all may. Throws tooManyQueries where only others leave no room: it passes; and
   * queryCanceled once the answer is over.
   */
  take(bytes: number): boolean {
    if (this.#closed)
      throw tracesErrors.make('queryCanceled', 'the answer that these spans were read for is over');
    if (this.#taken + bytes > this.#most) return false;
    if (!this.#hold(bytes)) {
      this.#hold(-bytes);
      throw tracesErrors.make(
        'tooManyQueries',
        `the spans of other answers leave no room for those of this one, at most ${this.#most} bytes may be held (traces.query.memory)`,
        { retryAfterSeconds: 1 },
      );
    }
    this.#taken += bytes;
    return true;
  }

  /** Gives back what was taken beyond so many bytes. */
  release(to = 0): void {
    if (this.#closed) return;
    this.#hold(to - this.#taken);
    this.#taken = to;
  }

  /** Gives all back: what still reads for the answer holds no more. */
  close(): void {
    this.release();
    this.#closed = true;
  }
}

/** What the objects of a span and of an attribute take beside their texts, about. */
const SPAN_BYTES = 500;
const ATTRIBUTE_BYTES = 100;

/** Memory of a span that was read, about. */
function memoryOf({ name, statusMessage, traceState, attributes, events, links }: StoredSpan): number {
  let bytes =
    SPAN_BYTES + name.length + statusMessage.length + traceState.length + events.length + links.length;
  for (const { key, value } of attributes) bytes += ATTRIBUTE_BYTES + key.length + value.length;
  return bytes;
}

/** The first of some spans that there is memory for. */
export function fitting(
  spans: readonly StoredSpan[],
  memory: AnswerMemory | undefined,
): readonly StoredSpan[] {
  if (memory === undefined) return spans;
  const end = spans.findIndex((span) => !memory.take(memoryOf(span)));
  return end === -1 ? spans : spans.slice(0, end);
}

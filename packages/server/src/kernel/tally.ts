/**
 * Counts something that happens many times a second and is looked at a few times a minute: a number until then. Telling a counter with
 * labels each time costs a text of them.
 */
export class Tally {
  #count = 0;

  add(count: number): void {
    this.#count += count;
  }

  /** What was added since the last time. */
  take(): number {
    const count = this.#count;
    this.#count = 0;
    return count;
  }
}

const MOST_KEPT = 512;

/** The same for observations: kept until somebody looks, or until there are some hundred. */
export class Observations {
  readonly #observe: (value: number) => void;
  readonly #kept = new Float64Array(MOST_KEPT);
  #count = 0;

  constructor(observe: (value: number) => void) {
    this.#observe = observe;
  }

  add(value: number): void {
    if (this.#count === MOST_KEPT) this.tell();
    this.#kept[this.#count++] = value;
  }

  /** Tells of all that are kept, in order. */
  tell(): void {
    const count = this.#count;
    this.#count = 0;
    for (let i = 0; i < count; i++) this.#observe(this.#kept[i]);
  }
}

/** A target that brings ever new series is as much a danger as one with many: both are held in this window. */
const BUCKET_MS = 3_600_000;

/**
 * How many series one target may still bring: no more than the limit at once, and no more new ones in one to two hours. `now`
 * is monotonic ms.
 */
export class SeriesBudget {
  readonly limit: number;
  #began = Number.NEGATIVE_INFINITY;
  #current = 0;
  #previous = 0;

  readonly #now: () => number;

  constructor(limit: number, now: () => number) {
    this.limit = limit;
    this.#now = now;
  }

  /** New series of the last one to two hours. */
  get taken(): number {
    return this.#current + this.#previous;
  }

  /** Takes one new series when the budget, given how many are known now, allows it. */
  take(known: number): boolean {
    this.#turn(this.#now());
    if (known >= this.limit || this.taken >= this.limit) return false;
    this.#current++;
    return true;
  }

  /** Gives the last one back: it was not taken in. */
  giveBack(): void {
    if (this.#current > 0) this.#current--;
  }

  #turn(now: number): void {
    const elapsed = now - this.#began;
    if (elapsed < BUCKET_MS) return;
    this.#previous = elapsed < 2 * BUCKET_MS ? this.#current : 0;
    this.#current = 0;
    this.#began = now;
  }
}

/** Keeps the n largest of many by a figure, equal ones by name: what does not get in costs one comparison. */
export class Top<T extends { readonly name: string }> {
  readonly #most: number;
  readonly #figure: (entry: T) => number;
  readonly #entries: T[] = [];

  constructor(most: number, figure: (entry: T) => number) {
    this.#most = most;
    this.#figure = figure;
  }

  /** Whether an entry with this figure could get in: callers need not even build one that could not. */
  wants(figure: number): boolean {
    const last = this.#entries.at(-1);
    return this.#entries.length < this.#most || last === undefined || figure >= this.#figure(last);
  }

  add(entry: T): void {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#entries[middle];
      if (other !== undefined && this.#before(other, entry)) low = middle + 1;
      else high = middle;
    }
    if (low >= this.#most) return;
    this.#entries.splice(low, 0, entry);
    if (this.#entries.length > this.#most) this.#entries.pop();
  }

  /** Largest first. */
  list(): readonly T[] {
    return this.#entries;
  }

  #before(a: T, b: T): boolean {
    const [left, right] = [this.#figure(a), this.#figure(b)];
    return left === right ? a.name < b.name : left > right;
  }
}

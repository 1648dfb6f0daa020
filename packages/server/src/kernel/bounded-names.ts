/** What all further names are called together. */
const OTHERS = 'other';

/** Names from outside that become labels of series: the first so many keep theirs, all further ones have one together. */
export class BoundedNames {
  readonly #most: number;
  readonly #names = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  of(name: string): string {
    if (this.#names.has(name)) return name;
    if (this.#names.size >= this.#most) return OTHERS;
    this.#names.add(name);
    return name;
  }
}

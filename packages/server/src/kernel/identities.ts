import { RecentIds, WordPairs } from './recent-ids.ts';

/** What a request may store, and its promise to say how that went. */
export interface Claim {
  /** By chunk, the rows that are there already, or twice in the request. */
  readonly duplicates: readonly ReadonlySet<number>[];
  settle(stored: boolean): void;
}

interface Flight {
  readonly ids: WordPairs;
  readonly done: Promise<void>;
}

/**
 * Which rows are there already, by 64-bit identities given as words (low, high, low, high…; never two zeros). A row that another
 * request is just storing is not called a duplicate before that one is durable: its sender may be told it is stored only when it is.
 */
export class Identities {
  readonly #recent: RecentIds;
  readonly #flights = new Set<Flight>();

  /** @param generation see {@link RecentIds}. */
  constructor(generation?: number) {
    this.#recent = new RecentIds(generation);
  }

  get bytes(): number {
    return this.#recent.bytes;
  }

  /** Rows of an earlier process. */
  learn(words: Uint32Array): void {
    for (let at = 0; at < words.length; at += 2) this.#recent.add(words[at], words[at + 1]);
  }

  /** Claims the rows of a request's chunks; waits for requests that are storing one of them. */
  async claim(chunks: readonly Uint32Array[]): Promise<Claim> {
    for (;;) {
      const blocking = this.#blocking(chunks);
      if (blocking === undefined) break;
      await blocking.done;
    }
    const own = new WordPairs(chunks.reduce((sum, words) => sum + words.length / 2, 0));
    const duplicates = chunks.map((words) => {
      const found = new Set<number>();
      for (let at = 0; at < words.length; at += 2) {
        const low = words[at];
        const high = words[at + 1];
        if (own.has(low, high) || this.#recent.has(low, high)) found.add(at / 2);
        else own.add(low, high);
      }
      return found;
    });
    let finish = (): void => {};
    const flight: Flight = {
      ids: own,
      done: new Promise((resolve) => {
        finish = resolve;
      }),
    };
    this.#flights.add(flight);
    return {
      duplicates,
      settle: (stored) => {
        // None of these is known: others that have one of them wait until this flight has ended.
        if (stored)
          for (const [i, words] of chunks.entries()) this.#learnBut(words, duplicates[i] ?? new Set());
        this.#flights.delete(flight);
        finish();
      },
    };
  }

  #learnBut(words: Uint32Array, duplicates: ReadonlySet<number>): void {
    for (let at = 0; at < words.length; at += 2)
      if (duplicates.size === 0 || !duplicates.has(at / 2)) this.#recent.add(words[at], words[at + 1]);
  }

  #blocking(chunks: readonly Uint32Array[]): Flight | undefined {
    for (const flight of this.#flights)
      for (const words of chunks)
        for (let at = 0; at < words.length; at += 2)
          if (flight.ids.has(words[at], words[at + 1])) return flight;
    return undefined;
  }
}

/** Mixes words into the two words of an identity, from a seed such as {@link textSeed}. */
export class IdentityMixer {
  #low = 0;
  #high = 0;

  begin(seed: number): this {
    this.#low = seed;
    this.#high = ~seed;
    return this;
  }

  add(word: number): this {
    this.#low = mixed(this.#low ^ word, 0x85ebca6b);
    this.#high = mixed(this.#high + word, 0xc2b2ae35) ^ this.#low;
    return this;
  }

  /** Writes the identity at row `row` of a column of words. */
  into(words: Uint32Array, row: number): void {
    // The pair of zeros stands for nothing.
    words[row * 2] = this.#low | 1;
    words[row * 2 + 1] = this.#high;
  }
}

/** The finaliser of MurmurHash3. */
function mixed(value: number, factor: number): number {
  let hash = Math.imul(value ^ (value >>> 16), factor);
  hash = Math.imul(hash ^ (hash >>> 13), 0x9e3779b1);
  return hash ^ (hash >>> 16);
}

/** FNV-1a of a text's code units, for the tenant. */
export function textSeed(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

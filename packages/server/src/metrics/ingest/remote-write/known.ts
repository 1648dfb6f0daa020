import { RawCache } from '../../scrape/raw_cache.ts';

/**
 * What raw bytes were seen to mean, within a budget of memory: the bytes of a label set to its series, those of a symbol to its
 * number. Senders repeat their series in the same order, so what follows is guessed first and compared, which is cheaper than
 * hashing. When the budget is used up, what is new stays unknown until old entries have gone: slower, never wrong.
 */
export class Known {
  /** Entries that could not be added. */
  overflow = 0;
  readonly #cache: RawCache;
  readonly #room: (bytes: number) => boolean;

  /** `room` says whether so many more bytes may be held. */
  constructor(options: { readonly seed: number; readonly room: (bytes: number) => boolean }) {
    this.#cache = new RawCache(options.seed);
    this.#cache.beginRound();
    this.#room = options.room;
  }

  get size(): number {
    return this.#cache.count;
  }

  get bytes(): number {
    return this.#cache.bytes;
  }

  /** The entry of these bytes, or -1. `previous` is the entry the same sender's last bytes had, or -1. */
  find(bytes: Uint8Array, view: DataView, start: number, end: number, previous: number): number {
    const cache = this.#cache;
    const guess = previous < 0 ? NONE : cache.nextOf(previous);
    if (guess >= 0 && guess < cache.count && cache.holds(guess, view, start, end)) {
      cache.seen[guess] = cache.round;
      return guess;
    }
    const found = cache.find(bytes, view, start, end);
    if (found >= 0) {
      cache.seen[found] = cache.round;
      if (previous >= 0) cache.follow(previous, found);
    }
    return found;
  }

  /** Adds bytes that `find` did not find; their value is to be set. -1 when there is no room. */
  add(bytes: Uint8Array, view: DataView, start: number, end: number, previous: number): number {
    const cache = this.#cache;
    if (!this.#room(end - start)) {
      this.overflow++;
      return NONE;
    }
    const entry = cache.insert(bytes, view, start, end, NONE);
    cache.seen[entry] = cache.round;
    if (previous >= 0) cache.follow(previous, entry);
    return entry;
  }

  valueOf(entry: number): number {
    return this.#cache.refs[entry];
  }

  setValue(entry: number, value: number): void {
    this.#cache.refs[entry] = value;
  }

  /** Drops what was seen neither since the last call nor between that and the one before. */
  age(): void {
    const cache = this.#cache;
    const oldest = cache.round - 1;
    cache.retain((entry) => cache.seen[entry] >= oldest);
    cache.beginRound();
  }
}

const NONE = -1;

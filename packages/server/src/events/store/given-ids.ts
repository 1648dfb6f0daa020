import { RecentIds } from '../../kernel/recent-ids.ts';
import { idWords } from './chunk.ts';

/** Ids whose repeats are recognised for certain; twice as many at most. */
const REMEMBERED = 1_000_000;

/** Which ids senders gave before: for certain those of the newest million events. */
export class GivenIds {
  readonly #recent = new RecentIds(REMEMBERED);
  readonly #words = new Uint32Array(2);

  get bytes(): number {
    return this.#recent.bytes;
  }

  has(tenant: string, id: string): boolean {
    idWords(tenant, id, this.#words, 0);
    return this.#recent.has(this.#words[0], this.#words[1]);
  }

  add(tenant: string, id: string): void {
    idWords(tenant, id, this.#words, 0);
    this.#recent.add(this.#words[0], this.#words[1]);
  }

  /** The ids of a chunk; zeros stand for events without one. */
  learn(words: Uint32Array): void {
    for (let at = 0; at < words.length; at += 2)
      if (words[at] !== 0 || words[at + 1] !== 0) this.#recent.add(words[at], words[at + 1]);
  }
}

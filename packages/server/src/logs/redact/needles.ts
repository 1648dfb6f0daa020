import { Buffer } from 'node:buffer';

/** Rules that a set tells apart: the bits of a number. */
const MOST_GROUPS = 31;
const TABLE = 2 ** 16;

/**
 * Which groups of texts may occur in a line, by one pass over its bytes, whatever the number of texts: a text's first three bytes hold
 * two pairs, and one of them begins at an even place. So every second pair is looked up, and where one is known, the three bytes that it
 * is part of. It may say yes where the answer is no, never the other way round.
 */
export class NeedleSet {
  readonly #byPair = new Uint8Array(2 ** 16);
  readonly #byTriple = new Int32Array(TABLE);
  readonly #byByte = new Int32Array(256);
  #hasShort = false;

  /** A text of fewer than three bytes is known by its first. */
  constructor(groups: readonly (readonly string[])[]) {
    for (const [group, texts] of groups.entries())
      for (const text of texts) {
        const bytes = Buffer.from(text);
        const first = bytes[0];
        if (first === undefined) continue;
        if (bytes.length < 3) {
          this.#byByte[first] |= bitOf(group);
          this.#hasShort = true;
          continue;
        }
        this.#byPair[(first << 8) | bytes[1]] = 1;
        this.#byPair[(bytes[1] << 8) | bytes[2]] = 1;
        this.#byTriple[tripleOf(first, bytes[1], bytes[2])] |= bitOf(group);
      }
  }

  /** One bit for each group, see {@link bitOf}. */
  look(bytes: Uint8Array, start: number, end: number): number {
    const byPair = this.#byPair;
    const byTriple = this.#byTriple;
    let found = this.#hasShort ? this.#shortOnes(bytes, start, end) : 0;
    for (let at = start + 1; at < end; at += 2) {
      const one = bytes[at - 1];
      const two = bytes[at];
      if (byPair[(one << 8) | two] === 0) continue;
      if (at + 1 < end) found |= byTriple[tripleOf(one, two, bytes[at + 1])];
      if (at - 2 >= start) found |= byTriple[tripleOf(bytes[at - 2], one, two)];
    }
    return found;
  }

  #shortOnes(bytes: Uint8Array, start: number, end: number): number {
    const byByte = this.#byByte;
    let found = 0;
    for (let at = start; at < end; at++) found |= byByte[bytes[at]];
    return found;
  }
}

/** Groups beyond the bits of a number share the last one. */
export function bitOf(group: number): number {
  return 1 << Math.min(group, MOST_GROUPS - 1);
}

function tripleOf(first: number, second: number, third: number): number {
  return ((first << 9) ^ (second << 4) ^ third) & (TABLE - 1);
}

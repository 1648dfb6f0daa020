import { Buffer } from 'node:buffer';

/** Rules that a set tells apart: the bits of a number. */
const MOST_GROUPS = 31;
const TABLE = 2 ** 16;

/**
 * Which groups of texts may occur in a line, by one pass over its bytes, whatever the number of texts: every three bytes are looked up
 * in a table of the texts' first three. It may say yes where the answer is no, never the other way round.
 */
export class NeedleSet {
  readonly #byTriple = new Int32Array(TABLE);
  readonly #byByte = new Int32Array(256);

  /** A text of fewer than three bytes is known by its first. */
  constructor(groups: readonly (readonly string[])[]) {
    for (const [group, texts] of groups.entries())
      for (const text of texts) {
        const bytes = Buffer.from(text);
        const first = bytes[0];
        if (first === undefined) continue;
        if (bytes.length < 3) this.#byByte[first] |= bitOf(group);
        else this.#byTriple[tripleOf(first, bytes[1], bytes[2])] |= bitOf(group);
      }
  }

  /** One bit for each group, see {@link bitOf}. */
  look(bytes: Uint8Array, start: number, end: number): number {
    const byTriple = this.#byTriple;
    const byByte = this.#byByte;
    let found = 0;
    let first = 0;
    let second = 0;
    for (let at = start; at < end; at++) {
      const third = bytes[at];
      found |= byByte[third];
      if (at >= start + 2) found |= byTriple[tripleOf(first, second, third)];
      first = second;
      second = third;
    }
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

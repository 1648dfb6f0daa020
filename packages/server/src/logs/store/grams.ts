import { LETTERS, piecesOf, type SoughtText, threeOf, WORD } from './texts.ts';

/**
 * Which texts some thousand lines hold, as a signature: each five bytes in a row of a line set two bits of one of its words, and so does
 * each shorter word. A text of whose pieces one has not both bits set is in none of the lines; otherwise it may be. Letters of ASCII count in lower case.
 *
 * A signature is made at its full size and folded while few of its bits are set, halves laid on each other, so that every size is a power of
 * two and the number of a word in a smaller one is the lower part of its number in the largest (Putze and others, "Cache-, hash- and space-efficient
 * Bloom filters", 2007, for bits of one word; Bloom, 1970). Two bits tell more than one at the same size, as long as half of all are set;
 * in one word they are looked up as one. These numbers are part of what is stored.
 */
const PIECE = 5;
/** Words of 32 bits of the largest signature. */
export const MOST_WORDS = 16_384;
/** Of the smallest. */
const LEAST_WORDS = 8;
const WORD_SHIFT = 18;

/** A signature that is fuller tells less of every text than its size is worth; one with less than the other may be folded. */
const FULL_ONES = MOST_WORDS * 32 * 0.5;
const SPARSE = 0.29;
/** Bytes after which what is set is counted again: a bit more costs less to set than to count. */
const COUNT_EVERY = 65_536;

/** Of a piece, by its first bytes and its last three: the upper fourteen bits are its word, the ten behind them two bits of it. */
function mixed(high: number, low: number): number {
  const sum = Math.imul(high, 0x9e3779b1) + Math.imul(low, 0x85ebca6b);
  return Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d);
}

/** The same of a word of `length` bytes, four at most, that ends these: as if nothing but zeros stood before it. */
function mixedWord(high: number, low: number, length: number): number {
  return length <= 3 ? mixed(0, low & (0xffffff >>> ((3 - length) * 8))) : mixed(high & 0xff, low);
}

function maskOf(mix: number): number {
  // Only the lower five bits of a shift count.
  return (1 << (mix >>> 13)) | (1 << (mix >>> 8));
}

export interface Signature {
  /** As many as a power of two. */
  readonly words: Uint32Array;
}

/** Makes the signature of the lines that are added to it; used again for the next lines. */
export class SignatureMaker {
  readonly #words = new Uint32Array(MOST_WORDS);
  #bytesSince = 0;
  #ones = 0;

  /** Whether the lines to come should have a signature of their own. */
  get isFull(): boolean {
    if (this.#bytesSince >= COUNT_EVERY) {
      this.#ones = onesIn(this.#words, MOST_WORDS);
      this.#bytesSince = 0;
    }
    return this.#ones >= FULL_ONES;
  }

  /** A line's bytes. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const words = this.#words;
    let high = 0;
    let low = 0;
    let length = 0;
    const firstWhole = start + PIECE - 1;
    for (let at = start; at < end; at++) {
      const letter = LETTERS[bytes[at]];
      if (letter >= WORD) length++;
      else {
        if (length > 0 && length < PIECE) {
          const mix = mixedWord(high, low, length);
          words[mix >>> WORD_SHIFT] |= maskOf(mix);
        }
        length = 0;
      }
      high = ((high << 8) | (low >>> 16)) & 0xffff;
      low = ((low << 8) | (letter & 0xff)) & 0xffffff;
      if (at >= firstWhole) {
        const mix = mixed(high, low);
        words[mix >>> WORD_SHIFT] |= maskOf(mix);
      }
    }
    if (length > 0 && length < PIECE) {
      const mix = mixedWord(high, low, length);
      words[mix >>> WORD_SHIFT] |= maskOf(mix);
    }
    this.#bytesSince += end - start;
  }

  /** What the lines set, as small as it may be; the next lines begin anew. */
  take(): Signature {
    let size = MOST_WORDS;
    for (let ones = onesIn(this.#words, size); size > LEAST_WORDS && ones <= size * 32 * SPARSE; size /= 2)
      ones = this.#fold(size / 2);
    const words = this.#words.slice(0, size);
    this.#words.fill(0);
    this.#ones = 0;
    this.#bytesSince = 0;
    return { words };
  }

  /** Lays the second half of twice as many words on the first; how many bits are set then. */
  #fold(half: number): number {
    for (let at = 0; at < half; at++) this.#words[at] |= this.#words[half + at];
    return onesIn(this.#words, half);
  }
}

function onesIn(words: Uint32Array, size: number): number {
  let ones = 0;
  for (let at = 0; at < size; at++) ones += onesOf(words[at]);
  return ones;
}

function onesOf(word: number): number {
  let rest = word - ((word >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Bits that a signature has whose lines hold a piece. */
export interface Gram {
  /** Its number in the largest signature. */
  readonly word: number;
  readonly mask: number;
}

/** Of a text, each once; none where nothing can be told, as it is short and no whole word is in it. */
export function gramsOf(text: SoughtText): readonly Gram[] {
  const mixes = new Set(piecesOf(text, PIECE).map((piece) => mixed(threeOf(piece, 0), threeOf(piece, 1))));
  return [...mixes].map((mix) => ({ word: mix >>> WORD_SHIFT, mask: maskOf(mix) }));
}

/** Whether a signature's words, from `start` on so many, have the bits of all grams. */
export function hasGrams(
  words: ArrayLike<number>,
  start: number,
  size: number,
  grams: readonly Gram[],
): boolean {
  return grams.every(({ word, mask }) => ((words[start + (word & (size - 1))] ?? 0) & mask) === mask);
}

/**
 * Which texts a few thousand lines hold, as a signature: each five bytes in a row of a line set one of its bits, and so does each shorter
 * word. A text whose bits are not all set is in none of the lines; one whose bits are may be. Letters of ASCII count in lower case.
 *
 * A signature is made at its full size and folded while few of its bits are set, halves laid on each other, so that every size is a power of
 * two and the number of a bit in a smaller one is the lower part of its number in the largest. It is kept in slices, and a search for a text
 * reads only the slices that its bits are in: of 64 KB some eight times 128 bytes (Goodwin and others, "BitFunnel", 2017, for slices;
 * Bloom, 1970, for the bits). These numbers are part of what is stored.
 *
 * Signatures of an earlier kind are of pieces of six bytes, and told less of short texts: eight letters had three bits instead of four.
 * They are looked through until they leave with their lines; nothing writes them.
 */
const PIECE = 5;
const OLDER_PIECE = 6;
export const SLICE_BYTES = 128;
const SLICE_BITS = SLICE_BYTES * 8;
const SLICE_SHIFT = 10;
/** Slices of the largest set. */
export const MOST_SLICES = 512;
const MOST_BITS = MOST_SLICES * SLICE_BITS;
/** Bits of a text from this number on are those of the earlier kind, each so much higher; its slots are below the others'. */
export const OLDER = MOST_BITS;
/** Slots of the newer kind are so much higher. */
export const NEWER_SLOTS = 1024;

/** A signature that is fuller tells less of every text than its size is worth; one with less than the other may be folded. */
const FULL_ONES = MOST_BITS * 0.3;
const SPARSE = 0.2;
/** Bytes after which what is set is counted again: a bit more costs less to set than to count. */
const COUNT_EVERY = 65_536;

/** Of a byte: itself, a capital as its small letter; with {@link WORD} where it is part of a word, as the engine cuts words. */
const LETTERS = new Uint16Array(256);
const WORD = 0x100;
for (let byte = 0; byte < 256; byte++) {
  const isCapital = byte >= 0x41 && byte <= 0x5a;
  const isSmall = byte >= 0x61 && byte <= 0x7a;
  const isDigit = byte >= 0x30 && byte <= 0x39;
  LETTERS[byte] =
    (isCapital ? byte | 0x20 : byte) | (isCapital || isSmall || isDigit || byte >= 0x80 ? WORD : 0);
}

/** The bit of a piece in the largest signature, by its first bytes and its last three. */
function bitOf(high: number, low: number): number {
  const mixed = Math.imul(high, 0x9e3779b1) + Math.imul(low, 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) & (MOST_BITS - 1);
}

/** The bit of a word of `length` bytes, four at most, that ends these: as if nothing but zeros stood before it. */
function wordBit(high: number, low: number, length: number): number {
  return length <= 3 ? bitOf(0, low & (0xffffff >>> ((3 - length) * 8))) : bitOf(high & 0xff, low);
}

/** As it is kept: its slices one after the other. */
export interface Signature {
  readonly slices: number;
  readonly bytes: Uint8Array;
}

/** Makes the signature of the lines that are added to it; used again for the next lines. */
export class SignatureMaker {
  readonly #words = new Uint32Array(MOST_BITS / 32);
  #bytesSince = 0;
  #ones = 0;

  /** Whether the lines to come should have a signature of their own. */
  get isFull(): boolean {
    if (this.#bytesSince >= COUNT_EVERY) {
      this.#ones = onesIn(this.#words);
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
          const bit = wordBit(high, low, length);
          words[bit >>> 5] |= 1 << (bit & 31);
        }
        length = 0;
      }
      high = ((high << 8) | (low >>> 16)) & 0xffffff;
      low = ((low << 8) | (letter & 0xff)) & 0xffffff;
      if (at >= firstWhole) {
        const bit = bitOf(high & 0xffff, low);
        words[bit >>> 5] |= 1 << (bit & 31);
      }
    }
    if (length > 0 && length < PIECE) {
      const bit = wordBit(high, low, length);
      words[bit >>> 5] |= 1 << (bit & 31);
    }
    this.#bytesSince += end - start;
  }

  /** What the lines set, as small as it may be; the next lines begin anew. The bytes are valid until then. */
  take(): Signature {
    let slices = MOST_SLICES;
    for (let ones = onesIn(this.#words); slices > 1 && ones <= slices * SLICE_BITS * SPARSE; slices /= 2)
      ones = this.#fold((slices * SLICE_BITS) / 64);
    const bytes = new Uint8Array(this.#words.buffer, 0, slices * SLICE_BYTES).slice();
    this.#words.fill(0);
    this.#ones = 0;
    this.#bytesSince = 0;
    return { slices, bytes };
  }

  /** Lays the second half of twice as many words on the first; how many bits are set then. */
  #fold(half: number): number {
    let ones = 0;
    for (let at = 0; at < half; at++) {
      const word = this.#words[at] | this.#words[half + at];
      this.#words[at] = word;
      ones += onesOf(word);
    }
    return ones;
  }
}

function onesIn(words: Uint32Array): number {
  let ones = 0;
  for (let at = 0; at < words.length; at++) ones += onesOf(words[at]);
  return ones;
}

function onesOf(word: number): number {
  let rest = word - ((word >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Bits that every line sets which holds the text, of both kinds of signature ({@link OLDER}); none where nothing can be told, as it is short
 * and no whole word is in it.
 */
export function textBits(text: string): readonly number[] {
  const bytes = Buffer.from(text);
  const ofKind = (piece: number): readonly number[] => {
    const pieces = pieceBits(bytes, piece);
    return pieces.length > 0 ? pieces : innerWords(bytes);
  };
  return ofBothKinds(ofKind);
}

/** The same for a whole word. */
export function wordBits(word: string): readonly number[] {
  const bytes = Buffer.from(word);
  return ofBothKinds((piece) =>
    bytes.length < piece ? shortWord(bytes, 0, bytes.length) : pieceBits(bytes, piece),
  );
}

function ofBothKinds(bitsOf: (piece: number) => readonly number[]): readonly number[] {
  return [...bitsOf(PIECE), ...bitsOf(OLDER_PIECE).map((bit) => OLDER + bit)];
}

function pieceBits(bytes: Uint8Array, piece: number): readonly number[] {
  const bits: number[] = [];
  for (let at = 0; at + piece <= bytes.length; at++) bits.push(bitOfBytes(bytes.subarray(at, at + piece)));
  return bits;
}

/** The words that are whole in a text shorter than a piece: those at its ends may go on in a line. */
function innerWords(bytes: Uint8Array): readonly number[] {
  const bits: number[] = [];
  for (let start = 1; start < bytes.length; start++) {
    if (isWord(bytes, start - 1) || !isWord(bytes, start)) continue;
    let end = start;
    while (isWord(bytes, end)) end++;
    if (end < bytes.length) bits.push(...shortWord(bytes, start, end));
  }
  return bits;
}

function isWord(bytes: Uint8Array, at: number): boolean {
  return at < bytes.length && LETTERS[bytes[at]] >= WORD;
}

function shortWord(bytes: Uint8Array, start: number, end: number): readonly number[] {
  return end === start ? [] : [bitOfBytes(bytes.subarray(start, end))];
}

/** Of six bytes at most, as if zeros stood before fewer. */
function bitOfBytes(bytes: Uint8Array): number {
  const letters = Array.from({ length: 6 }, (_, at) => {
    const from = at - 6 + bytes.length;
    return from < 0 ? 0 : LETTERS[bytes[from] ?? 0] & 0xff;
  });
  const three = (at: number): number =>
    ((letters[at] ?? 0) << 16) | ((letters[at + 1] ?? 0) << 8) | (letters[at + 2] ?? 0);
  return bitOf(three(0), three(3));
}

/**
 * Where a signature of so many slices keeps a bit: a number that tells kind, size and slice at once (size + slice, and {@link NEWER_SLOTS}), and
 * a bit of that slice.
 */
export function slotOf(bit: number, slices: number): number {
  return (bit < OLDER ? NEWER_SLOTS : 0) + slices + ((bit >>> SLICE_SHIFT) & (slices - 1));
}

/** The byte of its slice that a bit is in, and the bit in that byte. */
export function byteOf(bit: number): number {
  return (bit & (SLICE_BITS - 1)) >>> 3;
}

export function maskOf(bit: number): number {
  return 1 << (bit & 7);
}

import { piecesOf, type SoughtText, threeOf } from './texts.ts';

/**
 * Signatures of an earlier kind, which nothing writes any more: they are looked through until they leave with their lines. Each piece of a line
 * set one bit, of 64 KB at most, and they were kept in slices: a search reads the slices that its bits are in. Of two kinds in turn: of
 * pieces of six bytes at first, then of five.
 */
const PIECE = 5;
const OLDEST_PIECE = 6;
export const SLICE_BYTES = 128;
const SLICE_BITS = SLICE_BYTES * 8;
const SLICE_SHIFT = 10;
/** Slices of the largest set. */
export const MOST_SLICES = 512;
const MOST_BITS = MOST_SLICES * SLICE_BITS;
/** Bits of a text from this number on are those of the earliest kind, each so much higher; its slots are below the others'. */
export const OLDEST = MOST_BITS;
/** Slots of the later kind are so much higher. */
export const LATER_SLOTS = 1024;

/** The bit of a piece in the largest signature, by its first bytes and its last three. */
function bitOf(piece: Uint8Array): number {
  const mixed = Math.imul(threeOf(piece, 0), 0x9e3779b1) + Math.imul(threeOf(piece, 1), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) & (MOST_BITS - 1);
}

/** Bits of a text of both kinds of signature ({@link OLDEST}); none where nothing can be told. */
export function olderBits(text: SoughtText): readonly number[] {
  return [
    ...piecesOf(text, PIECE).map(bitOf),
    ...piecesOf(text, OLDEST_PIECE).map((piece) => OLDEST + bitOf(piece)),
  ];
}

/**
 * Where a signature of so many slices keeps a bit: a number that tells kind, size and slice at once (size + slice, and {@link LATER_SLOTS}), and
 * a bit of that slice.
 */
export function slotOf(bit: number, slices: number): number {
  return (bit < OLDEST ? LATER_SLOTS : 0) + slices + ((bit >>> SLICE_SHIFT) & (slices - 1));
}

/** The byte of its slice that a bit is in, and the bit in that byte. */
export function byteOf(bit: number): number {
  return (bit & (SLICE_BITS - 1)) >>> 3;
}

export function maskOf(bit: number): number {
  return 1 << (bit & 7);
}

/**
 * Which pieces of a text tell whether lines may hold it: each so many bytes in a row, and of less text the words that are whole in it.
 * Letters of ASCII count in lower case.
 */

/** A text that every line holds which is looked for. */
export interface SoughtText {
  readonly text: string;
  /** Nothing that belongs to a word, as the engine cuts words, stands before or behind it. */
  readonly isWord: boolean;
}

/** Of a byte: itself, a capital as its small letter; with {@link WORD} where it is part of a word, as the engine cuts words. */
export const LETTERS = new Uint16Array(256);
export const WORD = 0x100;
for (let byte = 0; byte < 256; byte++) {
  const isCapital = byte >= 0x41 && byte <= 0x5a;
  const isSmall = byte >= 0x61 && byte <= 0x7a;
  const isDigit = byte >= 0x30 && byte <= 0x39;
  LETTERS[byte] =
    (isCapital ? byte | 0x20 : byte) | (isCapital || isSmall || isDigit || byte >= 0x80 ? WORD : 0);
}

/** The pieces of so many bytes that tell of a text, whole words shorter than that among them; none where nothing can be told. */
export function piecesOf({ text, isWord }: SoughtText, length: number): readonly Uint8Array[] {
  const bytes = Buffer.from(text);
  if (bytes.length >= length)
    return Array.from({ length: bytes.length - length + 1 }, (_, at) => bytes.subarray(at, at + length));
  if (isWord) return bytes.length === 0 ? [] : [bytes];
  return innerWords(bytes);
}

/** The words that are whole in a text: those at its ends may go on in a line. */
function innerWords(bytes: Uint8Array): readonly Uint8Array[] {
  const words: Uint8Array[] = [];
  for (let start = 1; start < bytes.length; start++) {
    if (isWordByte(bytes, start - 1) || !isWordByte(bytes, start)) continue;
    let end = start;
    while (isWordByte(bytes, end)) end++;
    if (end < bytes.length) words.push(bytes.subarray(start, end));
  }
  return words;
}

function isWordByte(bytes: Uint8Array, at: number): boolean {
  return at < bytes.length && LETTERS[bytes[at]] >= WORD;
}

/** Three bytes of a piece as a number; of its last six, as if zeros stood before fewer. */
export function threeOf(piece: Uint8Array, which: 0 | 1): number {
  let number = 0;
  for (let at = which * 3; at < which * 3 + 3; at++) {
    const from = at - 6 + piece.length;
    number = (number << 8) | (from < 0 ? 0 : LETTERS[piece[from]] & 0xff);
  }
  return number;
}

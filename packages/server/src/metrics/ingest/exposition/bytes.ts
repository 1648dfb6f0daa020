/** Byte values that the exposition grammars name. */
export const BYTE = {
  NUL: 0x00,
  TAB: 0x09,
  NEWLINE: 0x0a,
  SPACE: 0x20,
  QUOTE: 0x22,
  HASH: 0x23,
  PLUS: 0x2b,
  COMMA: 0x2c,
  MINUS: 0x2d,
  DOT: 0x2e,
  ZERO: 0x30,
  NINE: 0x39,
  EQUALS: 0x3d,
  UPPER_E: 0x45,
  BACKSLASH: 0x5c,
  LOWER_E: 0x65,
  OPEN: 0x7b,
  CLOSE: 0x7d,
} as const;

const NAME_START = 1;
const LABEL_START = 2;
const DIGIT = 4;

/** One bit set per byte: which grammar classes it belongs to. */
const CLASS = new Uint8Array(256);
for (let c = 0; c < 256; c++) {
  const letter = (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a) || c === 0x5f;
  if (letter) CLASS[c] = NAME_START | LABEL_START;
  else if (c === 0x3a) CLASS[c] = NAME_START;
  else if (c >= BYTE.ZERO && c <= BYTE.NINE) CLASS[c] = DIGIT;
}

/** `[a-zA-Z_:]` */
export function isNameStart(byte: number): boolean {
  return ((CLASS[byte] ?? 0) & NAME_START) !== 0;
}

/** `[a-zA-Z0-9_:]` */
export function isNamePart(byte: number): boolean {
  return ((CLASS[byte] ?? 0) & (NAME_START | DIGIT)) !== 0;
}

/** `[a-zA-Z_]` */
export function isLabelStart(byte: number): boolean {
  return ((CLASS[byte] ?? 0) & LABEL_START) !== 0;
}

/** `[a-zA-Z0-9_]` */
export function isLabelPart(byte: number): boolean {
  return ((CLASS[byte] ?? 0) & (LABEL_START | DIGIT)) !== 0;
}

export function isBlank(byte: number): boolean {
  return byte === BYTE.SPACE || byte === BYTE.TAB;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a byte range, or null when it is not valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | null {
  for (let i = start; i < end; i++) {
    if ((bytes[i] ?? 0) > 0x7f) {
      try {
        return strictUtf8.decode(bytes.subarray(start, end));
      } catch {
        return null;
      }
    }
  }
  return latin1(bytes, start, end);
}

/** One character per byte; for ranges known to be ASCII, and for showing broken ones. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/**
 * Whether two ranges hold the same bytes, eight at a time as doubles: the one comparison of so many that the engine makes in one
 * step. Doubles that are no number differ from themselves, so ranges with the bytes of one count as different: no UTF-8 text has
 * them (0x7f or 0xff after a byte from 0xf0 on).
 */
export function sameText(one: DataView, at: number, other: DataView, from: number, length: number): boolean {
  const last = length - 8;
  if (last < 0) return sameBytes(one, at, other, from, length);
  for (let i = 0; ; i = i + 8 < last ? i + 8 : last) {
    const word = one.getFloat64(at + i, true);
    if (word !== other.getFloat64(from + i, true)) return false;
    // Zero and minus zero are equal, but not the same bytes.
    if (word === 0 && one.getUint8(at + i + 7) !== other.getUint8(from + i + 7)) return false;
    if (i === last) return true;
  }
}

function sameBytes(one: DataView, at: number, other: DataView, from: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (one.getUint8(at + i) !== other.getUint8(from + i)) return false;
  return true;
}

/** Whether a range holds exactly this ASCII text. */
export function rangeIs(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

import { type BitReader, type BitWriter, chunkErrors } from './bits.ts';

/**
 * A sequence of doubles as Gorilla writes it (Pelkonen et al., "Gorilla: a fast, scalable, in-memory time series database", VLDB
 * 2015, 4.1.2): each one's difference in bits from the one before. Bits stay bits, so a staleness marker stays itself.
 */
export class XorSequence {
  #high = 0;
  #low = 0;
  /** Zeros before and after the significant bits of the window in force; -1 before the first. */
  #leading = -1;
  #trailing = 0;

  /** The first value, whole. */
  first(writer: BitWriter, high: number, low: number): void {
    writer.bits(high, 32);
    writer.bits(low, 32);
    this.#high = high;
    this.#low = low;
  }

  write(writer: BitWriter, high: number, low: number): void {
    const xorHigh = (high ^ this.#high) >>> 0;
    const xorLow = (low ^ this.#low) >>> 0;
    this.#high = high;
    this.#low = low;
    if (xorHigh === 0 && xorLow === 0) {
      writer.bits(0, 1);
      return;
    }
    const leading = Math.min(31, xorHigh === 0 ? 32 + Math.clz32(xorLow) : Math.clz32(xorHigh));
    const trailing = xorLow === 0 ? 32 + zerosBelow(xorHigh) : zerosBelow(xorLow);
    if (this.#leading >= 0 && leading >= this.#leading && trailing >= this.#trailing) {
      writer.bits(0b10, 2);
    } else {
      this.#leading = leading;
      this.#trailing = trailing;
      writer.bits(0b11, 2);
      writer.bits(leading, 5);
      // 64 does not fit six bits and stands as 0, which could not occur.
      writer.bits((64 - leading - trailing) & 63, 6);
    }
    writeWindow(writer, xorHigh, xorLow, 64 - this.#leading - this.#trailing, this.#trailing);
  }

  readFirst(reader: BitReader, into: Uint32Array, at: number): void {
    this.#high = reader.bits(32);
    this.#low = reader.bits(32);
    this.#store(into, at);
  }

  /** Reads the next value's bits into `into[at]` (low word) and `into[at + 1]`. */
  read(reader: BitReader, into: Uint32Array, at: number): void {
    if (reader.bit() === 1) {
      if (reader.bit() === 1) {
        this.#leading = reader.bits(5);
        const significant = reader.bits(6) || 64;
        this.#trailing = 64 - this.#leading - significant;
        if (this.#trailing < 0) throw chunkErrors.make('malformed', 'a value of the chunk has over 64 bits');
      } else if (this.#leading < 0) {
        throw chunkErrors.make('malformed', 'a value of the chunk continues nothing');
      }
      const significant = 64 - this.#leading - this.#trailing;
      const value = shifted(reader, significant, this.#trailing);
      this.#high = (this.#high ^ value.high) >>> 0;
      this.#low = (this.#low ^ value.low) >>> 0;
    }
    this.#store(into, at);
  }

  #store(into: Uint32Array, at: number): void {
    into[at] = this.#low;
    into[at + 1] = this.#high;
  }
}

function zerosBelow(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** The `significant` bits that stand `trailing` above the lowest. */
function writeWindow(
  writer: BitWriter,
  high: number,
  low: number,
  significant: number,
  trailing: number,
): void {
  const shiftedHigh = trailing >= 32 ? 0 : trailing === 0 ? high : high >>> trailing;
  const shiftedLow =
    trailing >= 32
      ? high >>> (trailing - 32)
      : trailing === 0
        ? low
        : ((low >>> trailing) | (high << (32 - trailing))) >>> 0;
  if (significant > 32) writer.words(shiftedHigh, shiftedLow, significant);
  else writer.bits(shiftedLow, significant);
}

function shifted(reader: BitReader, significant: number, trailing: number): { high: number; low: number } {
  const high = significant > 32 ? reader.bits(significant - 32) : 0;
  const low = reader.bits(Math.min(32, significant));
  if (trailing === 0) return { high, low };
  if (trailing >= 32) return { high: (low << (trailing - 32)) >>> 0, low: 0 };
  return { high: ((high << trailing) | (low >>> (32 - trailing))) >>> 0, low: (low << trailing) >>> 0 };
}

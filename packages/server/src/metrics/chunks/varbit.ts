import type { BitReader, BitWriter } from './bits.ts';

/** Bits of the value behind a prefix of that many ones and a zero; behind eight ones stand 64. */
const WIDTHS = [3, 6, 9, 12, 18, 25, 56] as const;

/** A signed whole number in as few bits as its size needs (TSDB's "varbit" code). */
export function writeVarbitInt(writer: BitWriter, value: number): void {
  writeSized(writer, value, (width) => value >= 1 - 2 ** (width - 1) && value <= 2 ** (width - 1));
}

export function writeVarbitUint(writer: BitWriter, value: number): void {
  writeSized(writer, value, (width) => value < 2 ** width);
}

function writeSized(writer: BitWriter, value: number, fits: (width: number) => boolean): void {
  if (value === 0) {
    writer.bits(0, 1);
    return;
  }
  const at = WIDTHS.findIndex(fits);
  if (at < 0) {
    writer.bits(0xff, 8);
    writer.whole(value, 64);
    return;
  }
  // at + 1 ones and a zero.
  writer.bits(2 ** (at + 2) - 2, at + 2);
  writer.whole(value, WIDTHS[at] ?? 64);
}

export function readVarbitInt(reader: BitReader): number {
  const width = readWidth(reader);
  return width === 0 ? 0 : reader.signed(width);
}

export function readVarbitUint(reader: BitReader): number {
  const width = readWidth(reader);
  return width === 0 ? 0 : reader.unsigned(width);
}

function readWidth(reader: BitReader): number {
  let ones = 0;
  while (ones < 8 && reader.bit() === 1) ones++;
  return ones === 0 ? 0 : (WIDTHS[ones - 1] ?? 64);
}

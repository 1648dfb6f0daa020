import { crc32c } from './checksum.ts';
import type { Position } from './types.ts';

/*
 * A segment file is a header and then groups (frames.ts). Its name carries number and salt: with a damaged header the
 * groups can still be verified.
 *
 *   header (64)  'PHAROSJ1' | crc of the rest | format | id (8) | first position (8) | previous id (8)
 *                | previous valid length (8) | salt | journal's identity | zeros
 *
 * The header seals the segment before it: what lies beyond that length was refused, segments numbered in between were
 * never used. So a request that was refused after a failed fsync cannot come back from the page cache later.
 */
export const SEGMENT_HEADER_BYTES = 64;
const MAGIC = Buffer.from('PHAROSJ1', 'latin1');
const FORMAT = 1;
const TWO_32 = 0x1_0000_0000;
const NAME = /^(\d{12})-([0-9a-f]{8})\.seg$/;

export interface SegmentName {
  readonly id: number;
  readonly salt: number;
}

export interface SegmentHeader {
  readonly id: number;
  readonly firstPosition: Position;
  /** 0 when there was none. */
  readonly previousId: number;
  readonly previousLength: number;
  readonly salt: number;
  /** Tells this journal's files from another's. */
  readonly identity: number;
}

export function segmentFileName(name: SegmentName): string {
  return `${String(name.id).padStart(12, '0')}-${name.salt.toString(16).padStart(8, '0')}.seg`;
}

export function parseSegmentFileName(file: string): SegmentName | null {
  const match = NAME.exec(file);
  if (match === null) return null;
  return { id: Number(match[1]), salt: Number.parseInt(match[2] ?? '0', 16) };
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt32LE(FORMAT, 12);
  writeWide(bytes, 16, header.id);
  writeWide(bytes, 24, header.firstPosition);
  writeWide(bytes, 32, header.previousId);
  writeWide(bytes, 40, header.previousLength);
  bytes.writeUInt32LE(header.salt, 48);
  bytes.writeUInt32LE(header.identity, 52);
  bytes.writeUInt32LE(crc32c(bytes, 0, 12), 8);
  return bytes;
}

/** Null when the bytes are not a whole, right header of this format. */
export function decodeSegmentHeader(source: Uint8Array): SegmentHeader | null {
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  if (bytes.length < SEGMENT_HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return null;
  if (bytes.readUInt32LE(8) !== crc32c(bytes, 0, 12, SEGMENT_HEADER_BYTES)) return null;
  if (bytes.readUInt32LE(12) !== FORMAT) return null;
  return {
    id: readWide(bytes, 16),
    firstPosition: readWide(bytes, 24),
    previousId: readWide(bytes, 32),
    previousLength: readWide(bytes, 40),
    salt: bytes.readUInt32LE(48),
    identity: bytes.readUInt32LE(52),
  };
}

function writeWide(bytes: Buffer, offset: number, value: number): void {
  bytes.writeUInt32LE(value % TWO_32, offset);
  bytes.writeUInt32LE(Math.floor(value / TWO_32), offset + 4);
}

function readWide(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * TWO_32;
}

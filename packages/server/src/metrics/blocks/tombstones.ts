import { crc32c } from '../../journal/index.ts';
import { DecodeBuffer, malformed } from './decbuf.ts';

/** A deleted stretch of one series, ms, both inclusive. */
interface Interval {
  readonly from: number;
  readonly to: number;
}

const MAGIC = 0x0130ba30;
const HEADER_BYTES = 5;

/** The deleted stretches by series number (TSDB's documentation, "Tombstones format"). */
export function readTombstones(bytes: Uint8Array): ReadonlyMap<number, readonly Interval[]> {
  const buffer = new DecodeBuffer(bytes, 0, bytes.length - 4);
  if (buffer.be32() !== MAGIC || buffer.byte() !== 1) throw malformed('the tombstones do not begin as such');
  const sum = new DecodeBuffer(bytes, bytes.length - 4).be32();
  if (sum !== crc32c(bytes, 0, HEADER_BYTES, bytes.length - 4))
    throw malformed('the checksum of the tombstones is wrong');
  const found = new Map<number, Interval[]>();
  while (buffer.at < buffer.end) {
    const ref = buffer.uvarint();
    const interval = { from: buffer.varint(), to: buffer.varint() };
    const known = found.get(ref);
    if (known === undefined) found.set(ref, [interval]);
    else known.push(interval);
  }
  return found;
}

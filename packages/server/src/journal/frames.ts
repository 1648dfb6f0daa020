import { type Checksum, crc32, crc32c } from './checksum.ts';
import type { Frame, Position } from './types.ts';

/*
 * A request is one group; integers are little-endian.
 *
 *   group header (32)  magic | crc of the rest | position (8) | body bytes | frames | rows | unix seconds
 *   frame (24 + n)     magic | crc of the rest | schema version (2) | table length (1) | tenant length (1)
 *                      | day | rows | payload length | table | tenant | payload
 *   ... more frames
 *   commit mark (16)   magic | crc over the crcs of header and frames | position (8)
 *
 * The group's magic says which crc it has: "PhG2" CRC-32, which the machine's own instructions compute; "PhG1", which is
 * only read any more, CRC-32C. The group counts only when all of it is there and right. Every crc starts from the segment's salt, a random number
 * that no sender knows: bytes inside a payload, or left in a block from another file, can never pass for a group.
 */
export const GROUP_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const COMMIT_MARK_BYTES = 16;
const GROUP_MAGIC = 0x32476850;
const OLD_GROUP_MAGIC = 0x31476850;
const FRAME_MAGIC = 0x31466850;
const COMMIT_MAGIC = 0x31436850;
/** What groups of any kind begin with, and the commit mark's magic, to look for them in damaged files. */
export const GROUP_MAGIC_BYTES = Buffer.from('PhG', 'latin1');
export const COMMIT_MAGIC_BYTES = Buffer.from('PhC1', 'latin1');

const TWO_32 = 0x1_0000_0000;
const MAX_NAME_BYTES = 255;
const MAX_GROUP_BYTES = 0x7fff_ffff;

/** A group read back; payloads are views into the bytes it was read from. */
export interface Group {
  readonly position: Position;
  readonly frames: readonly Frame[];
  readonly rows: number;
  /** When it was written, seconds since the Unix epoch. */
  readonly writtenAt: number;
}

/** Why bytes are not a group. `short`: a good header whose group ends after the bytes do. */
type GroupFault = 'short' | 'header' | 'frame' | 'mark';

export type GroupReading =
  | { readonly ok: true; readonly group: Group; readonly end: number }
  | {
      readonly ok: false;
      readonly fault: GroupFault;
      /** Where the header says that the group ends, when the header is good. */
      readonly end: number | undefined;
    };

/** What is wrong with the frames of a request, or null. Names the field, the value and what was expected. */
export function invalidFrame(frame: Frame): string | null {
  const name = Buffer.byteLength(frame.table);
  if (name === 0 || name > MAX_NAME_BYTES) return `table has ${name} bytes, expected 1 to ${MAX_NAME_BYTES}`;
  const tenant = Buffer.byteLength(frame.tenant);
  if (tenant === 0 || tenant > MAX_NAME_BYTES)
    return `tenant has ${tenant} bytes, expected 1 to ${MAX_NAME_BYTES}`;
  if (!isWhole(frame.schemaVersion, 1, 0xffff))
    return `schemaVersion is ${frame.schemaVersion}, expected 1 to 65535`;
  // The engine's dates end on 2106-02-07 (2^32 seconds); days outside wrap into partitions that never expire.
  if (!isWhole(frame.day, 0, 49_709))
    return `day is ${frame.day}, expected 0 (1970-01-01) to 49709 (2106-02-06)`;
  if (!isWhole(frame.rows, 1, TWO_32 - 1)) return `rows is ${frame.rows}, expected at least 1`;
  if (frame.payload.length === 0) return 'payload is empty, expected at least one byte';
  return null;
}

function isWhole(value: number, from: number, to: number): boolean {
  return Number.isInteger(value) && value >= from && value <= to;
}

export function frameBytes(frame: Frame): number {
  return (
    FRAME_HEADER_BYTES +
    Buffer.byteLength(frame.table) +
    Buffer.byteLength(frame.tenant) +
    frame.payload.length
  );
}

/** Bytes that the group of these frames takes in a segment. */
export function groupBytes(frames: readonly Frame[]): number {
  return frames.reduce((sum, frame) => sum + frameBytes(frame), GROUP_HEADER_BYTES + COMMIT_MARK_BYTES);
}

export interface GroupStamp {
  readonly position: Position;
  readonly writtenAt: number;
  readonly salt: number;
}

/** Writes the group at the offset and returns its end. The target must have `groupBytes(frames)` bytes there. */
export function encodeGroup(
  target: Buffer,
  offset: number,
  frames: readonly Frame[],
  stamp: GroupStamp,
): number {
  let at = offset + GROUP_HEADER_BYTES;
  let rows = 0;
  const crcs = new Uint32Array(frames.length + 1);
  for (const [index, frame] of frames.entries()) {
    const start = at;
    at = encodeFrame(target, start, frame);
    crcs[index + 1] = sealCrc(target, start, at, stamp.salt);
    rows += frame.rows;
  }
  target.writeUInt32LE(GROUP_MAGIC, offset);
  writePosition(target, offset + 8, stamp.position);
  target.writeUInt32LE(at - offset - GROUP_HEADER_BYTES, offset + 16);
  target.writeUInt32LE(frames.length, offset + 20);
  target.writeUInt32LE(rows % TWO_32, offset + 24);
  target.writeUInt32LE(stamp.writtenAt % TWO_32, offset + 28);
  crcs[0] = sealCrc(target, offset, offset + GROUP_HEADER_BYTES, stamp.salt);
  target.writeUInt32LE(COMMIT_MAGIC, at);
  target.writeUInt32LE(commitCrc(crcs, stamp.salt, crc32), at + 4);
  writePosition(target, at + 8, stamp.position);
  return at + COMMIT_MARK_BYTES;
}

function encodeFrame(target: Buffer, start: number, frame: Frame): number {
  const tableBytes = target.write(frame.table, start + FRAME_HEADER_BYTES, 'utf8');
  const tenantBytes = target.write(frame.tenant, start + FRAME_HEADER_BYTES + tableBytes, 'utf8');
  const payloadAt = start + FRAME_HEADER_BYTES + tableBytes + tenantBytes;
  target.writeUInt32LE(FRAME_MAGIC, start);
  target.writeUInt16LE(frame.schemaVersion, start + 8);
  target.writeUInt8(tableBytes, start + 10);
  target.writeUInt8(tenantBytes, start + 11);
  target.writeUInt32LE(frame.day, start + 12);
  target.writeUInt32LE(frame.rows, start + 16);
  target.writeUInt32LE(frame.payload.length, start + 20);
  target.set(frame.payload, payloadAt);
  return payloadAt + frame.payload.length;
}

/** Puts the crc of `[start + 8, end)` at `start + 4`. */
function sealCrc(target: Buffer, start: number, end: number, salt: number): number {
  const crc = crc32(target, salt, start + 8, end);
  target.writeUInt32LE(crc, start + 4);
  return crc;
}

function commitCrc(crcs: Uint32Array, salt: number, checksum: Checksum): number {
  const bytes = Buffer.allocUnsafe(crcs.length * 4);
  for (const [index, crc] of crcs.entries()) bytes.writeUInt32LE(crc, index * 4);
  return checksum(bytes, salt);
}

function writePosition(target: Buffer, offset: number, position: Position): void {
  target.writeUInt32LE(position % TWO_32, offset);
  target.writeUInt32LE(Math.floor(position / TWO_32), offset + 4);
}

function readPosition(bytes: Buffer, offset: number): Position {
  return bytes.readUInt32LE(offset) + bytes.readUInt32LE(offset + 4) * TWO_32;
}

/** Reads the group that starts at the offset. Never throws, whatever the bytes are. */
export function decodeGroup(source: Uint8Array, offset: number, salt: number): GroupReading {
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  if (offset + GROUP_HEADER_BYTES > bytes.length) return { ok: false, fault: 'short', end: undefined };
  const magic = bytes.readUInt32LE(offset);
  if (magic !== GROUP_MAGIC && magic !== OLD_GROUP_MAGIC)
    return { ok: false, fault: 'header', end: undefined };
  const checksum = magic === GROUP_MAGIC ? crc32 : crc32c;
  const headerCrc = checksum(bytes, salt, offset + 8, offset + GROUP_HEADER_BYTES);
  if (headerCrc !== bytes.readUInt32LE(offset + 4)) return { ok: false, fault: 'header', end: undefined };
  const position = readPosition(bytes, offset + 8);
  const bodyEnd = offset + GROUP_HEADER_BYTES + bytes.readUInt32LE(offset + 16);
  const count = bytes.readUInt32LE(offset + 20);
  const end = bodyEnd + COMMIT_MARK_BYTES;
  if (end - offset > MAX_GROUP_BYTES) return { ok: false, fault: 'header', end: undefined };
  if (end > bytes.length) return { ok: false, fault: 'short', end };
  const body = decodeFrames(bytes, { from: offset + GROUP_HEADER_BYTES, to: bodyEnd, count, checksum }, salt);
  if (body === null) return { ok: false, fault: 'frame', end };
  body.crcs[0] = headerCrc;
  const marked =
    bytes.readUInt32LE(bodyEnd) === COMMIT_MAGIC &&
    bytes.readUInt32LE(bodyEnd + 4) === commitCrc(body.crcs, salt, checksum) &&
    readPosition(bytes, bodyEnd + 8) === position;
  if (!marked) return { ok: false, fault: 'mark', end };
  const rows = body.frames.reduce((sum, frame) => sum + frame.rows, 0);
  return {
    ok: true,
    end,
    group: { position, frames: body.frames, rows, writtenAt: bytes.readUInt32LE(offset + 28) },
  };
}

interface Body {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly checksum: Checksum;
}

/** The frames that fill the body exactly, with their crcs from index 1 on; null when anything is off. */
function decodeFrames(
  bytes: Buffer,
  body: Body,
  salt: number,
): { frames: Frame[]; crcs: Uint32Array } | null {
  if (body.count === 0 || body.count * FRAME_HEADER_BYTES > body.to - body.from) return null;
  const frames: Frame[] = [];
  const crcs = new Uint32Array(body.count + 1);
  let at = body.from;
  for (let index = 1; index <= body.count; index++) {
    if (at + FRAME_HEADER_BYTES > body.to || bytes.readUInt32LE(at) !== FRAME_MAGIC) return null;
    const tableAt = at + FRAME_HEADER_BYTES;
    const tenantAt = tableAt + bytes.readUInt8(at + 10);
    const payloadAt = tenantAt + bytes.readUInt8(at + 11);
    const end = payloadAt + bytes.readUInt32LE(at + 20);
    if (end > body.to) return null;
    const crc = body.checksum(bytes, salt, at + 8, end);
    if (crc !== bytes.readUInt32LE(at + 4)) return null;
    crcs[index] = crc;
    frames.push({
      table: bytes.toString('utf8', tableAt, tenantAt),
      tenant: bytes.toString('utf8', tenantAt, payloadAt),
      schemaVersion: bytes.readUInt16LE(at + 8),
      day: bytes.readUInt32LE(at + 12),
      rows: bytes.readUInt32LE(at + 16),
      payload: bytes.subarray(payloadAt, end),
    });
    at = end;
  }
  return at === body.to ? { frames, crcs } : null;
}

import type { SpareMemory } from '../kernel/spare-memory.ts';
import {
  COMMIT_MAGIC_BYTES,
  decodeGroup,
  GROUP_HEADER_BYTES,
  GROUP_MAGIC_BYTES,
  type Group,
} from './frames.ts';
import type { OpenFile } from './fs.ts';
import type { Position } from './types.ts';

const WINDOW_BYTES = 1024 * 1024;

/** A stretch of a segment file to read. */
export interface SegmentRange {
  readonly file: OpenFile;
  readonly salt: number;
  readonly from: number;
  readonly to: number;
  /** Everything below `to` was acknowledged, so whatever is missing there is damage and no torn write. */
  readonly sealed: boolean;
  /** Positions must be above this and rise. */
  readonly after: Position;
  /** Where the bytes of requests may be put; without it they get memory of their own. */
  readonly memory?: SpareMemory | undefined;
}

export type SegmentEvent =
  | { readonly kind: 'group'; readonly group: Group; readonly from: number; readonly to: number }
  /** Bytes that should be requests and are not; good requests may follow. */
  | { readonly kind: 'damage'; readonly from: number; readonly to: number; readonly reason: DamageReason }
  /** The end of a write that was cut short and never acknowledged. Always last. */
  | { readonly kind: 'torn'; readonly from: number; readonly to: number };

type DamageReason = 'corrupt' | 'missing';

/**
 * Reads requests in order, a window at a time. After damage it looks for the next request that verifies as a whole
 * (its crc starts from the segment's salt, so that no payload can pose as one) and goes on there. Read errors of the
 * disk are thrown.
 */
export async function* readSegment(range: SegmentRange): AsyncGenerator<SegmentEvent, void, void> {
  const end = Math.min(range.to, await range.file.size());
  let window: Uint8Array = new Uint8Array();
  let windowAt = range.from;
  let at = range.from;
  let last = range.after;
  while (at < end) {
    const reading = decodeGroup(window, at - windowAt, range.salt);
    if (reading.ok && reading.group.position > last) {
      const next = windowAt + reading.end;
      last = reading.group.position;
      yield { kind: 'group', group: reading.group, from: at, to: next };
      at = next;
      continue;
    }
    const claimedEnd = !reading.ok && reading.end !== undefined ? windowAt + reading.end : undefined;
    const windowEnd = windowAt + window.length;
    if (!reading.ok && reading.fault === 'short' && windowEnd < end && (claimedEnd ?? 0) <= end) {
      const wanted = Math.max(WINDOW_BYTES, (claimedEnd ?? at + GROUP_HEADER_BYTES) - at);
      window = await readWindow(range, at, Math.min(wanted, end - at));
      windowAt = at;
      if (windowAt + window.length > windowEnd) continue;
    }
    if (windowEnd < end) {
      window = await range.file.read(at, end - at);
      windowAt = at;
    }
    const next = findGroup(window.subarray(at - windowAt), range.salt, last);
    if (next === -1) {
      const rest = window.subarray(at - windowAt);
      const torn = !range.sealed && isTorn(rest, !reading.ok && reading.fault === 'short');
      yield torn
        ? { kind: 'torn', from: at, to: end }
        : { kind: 'damage', from: at, to: end, reason: 'corrupt' };
      at = end;
    } else {
      yield { kind: 'damage', from: at, to: at + next, reason: 'corrupt' };
      at += next;
    }
  }
  if (end < range.to && range.sealed)
    yield { kind: 'damage', from: Math.max(end, at), to: range.to, reason: 'missing' };
}

function readWindow({ file, memory }: SegmentRange, at: number, length: number): Promise<Uint8Array> {
  return file.read(at, length, memory?.take(length));
}

/** Offset of the next whole request after the first byte, or -1. */
function findGroup(bytes: Uint8Array, salt: number, after: Position): number {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (
    let at = haystack.indexOf(GROUP_MAGIC_BYTES, 1);
    at !== -1;
    at = haystack.indexOf(GROUP_MAGIC_BYTES, at + 1)
  ) {
    const reading = decodeGroup(haystack, at, salt);
    if (reading.ok && reading.group.position > after) return at;
  }
  return -1;
}

/**
 * Whether the bytes at the end of an unsealed segment are a write cut short. With a commit mark among them they may
 * have been whole once and damaged later, so they are not thrown away.
 */
function isTorn(bytes: Uint8Array, short: boolean): boolean {
  return short || !Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(COMMIT_MAGIC_BYTES);
}

import type { ColumnArena } from './column-arena.ts';
import type { Slab, Slabs } from './slabs.ts';

/*
 * A sealed chunk: up to CHUNK_SAMPLES samples of one series, in 8-byte units inside a slab.
 *
 *   unit 0   previous chunk: slab id (int32) | unit offset (int32)      slab id -1: none
 *   unit 1   count | timestamp encoding << 8 | value encoding << 16     | step in ms (int32)
 *   unit 2   first timestamp (float64)
 *   unit 3   value base (float64; for CONSTANT the value's own bits)
 *   then     timestamps: REGULAR nothing; OFFSETS int32 per sample; SHARED int32 unit offset of another's OFFSETS
 *   then     values: CONSTANT nothing; UINT8/16/32 distance from the base; FLOAT32; FLOAT64
 */
export const CHUNK_SAMPLES = 32;
const HEADER_UNITS = 4;
const MAX_UNITS = HEADER_UNITS + CHUNK_SAMPLES / 2 + CHUNK_SAMPLES;

const TIMES = { regular: 0, offsets: 1, shared: 2 } as const;
const VALUES = { constant: 0, uint8: 1, uint16: 2, uint32: 3, float32: 4, float64: 5 } as const;

/** Where a chunk lies. */
export interface ChunkAddress {
  readonly slab: number;
  readonly offset: number;
}

/** Samples to seal: the first `count` of the columns, as offsets in ms from `base`, strictly rising. */
export class OpenColumns {
  base = 0;
  count: number;
  /** The distance of all of them, where it is known to be one: then the offsets do not count. */
  step: number | null = null;
  readonly offsets: Int32Array;
  readonly values: Float64Array;
  /** The bits of the values. */
  readonly words: Uint32Array;

  constructor(offsets: Int32Array, values: Float64Array, base = 0) {
    this.base = base;
    this.count = offsets.length;
    this.offsets = offsets;
    this.values = values;
    this.words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  }
}

/** Writes the columns as one chunk that follows `previous`. */
export function sealChunk(slabs: Slabs, columns: OpenColumns, previous: ChunkAddress): ChunkAddress {
  const slab = slabs.writable(MAX_UNITS);
  const start = slab.used;
  const { words, floats, longs } = slab;
  const { count } = columns;
  let cursor = start + HEADER_UNITS;
  const times = writeTimes(slab, columns, cursor);
  cursor += times.units;
  const values = writeValues(slab, columns, cursor);
  cursor += values.units;
  words[start * 2] = previous.slab;
  words[start * 2 + 1] = previous.offset;
  words[start * 2 + 2] = count | (times.encoding << 8) | (values.encoding << 16);
  words[start * 2 + 3] = times.step;
  floats[start + 2] = columns.base;
  if (values.encoding === VALUES.constant) {
    longs[(start + 3) * 2] = columns.words[0];
    longs[(start + 3) * 2 + 1] = columns.words[1];
  } else floats[start + 3] = values.base;
  slab.used = cursor;
  const last = columns.step === null ? (columns.offsets[count - 1] ?? 0) : columns.step * (count - 1);
  slab.maxTimestamp = Math.max(slab.maxTimestamp, columns.base + last);
  return { slab: slab.id, offset: start };
}

export function chunkCount(slab: Slab, offset: number): number {
  return slab.words[offset * 2 + 2] & 0xff;
}

export function chunkFirstTimestamp(slab: Slab, offset: number): number {
  return slab.floats[offset + 2];
}

/**
 * Tells the times of chunks of one size and first time apart: the step of regular times, else (below zero) where they lie, which
 * is one place for the series of a scrape as long as they share a slab.
 */
export function chunkTiming({ id, words, capacity }: Slab, offset: number): number {
  const encoding = (words[offset * 2 + 2] >> 8) & 0xff;
  if (encoding === TIMES.regular) return words[offset * 2 + 3];
  const first = offset + HEADER_UNITS;
  return -1 - id * capacity - (encoding === TIMES.shared ? words[first * 2] : first);
}

/** Appends the chunk's samples at `arena.next`; the arena must have room. */
export function readChunk(slab: Slab, offset: number, arena: ColumnArena): void {
  readTimes(slab, offset, arena);
  readChunkValues(slab, offset, arena);
}

function readTimes({ words, floats }: Slab, offset: number, { timestamps, next }: ColumnArena): void {
  const flags = words[offset * 2 + 2];
  const count = flags & 0xff;
  const encoding = (flags >> 8) & 0xff;
  const base = floats[offset + 2];
  if (encoding === TIMES.regular) {
    const step = words[offset * 2 + 3];
    for (let i = 0; i < count; i++) timestamps[next + i] = base + i * step;
    return;
  }
  const first = offset + HEADER_UNITS;
  const at = (encoding === TIMES.shared ? words[first * 2] : first) * 2;
  for (let i = 0; i < count; i++) timestamps[next + i] = base + words[at + i];
}

/** The same for the values alone; the times are as they are. */
export function readChunkValues(slab: Slab, offset: number, arena: ColumnArena): void {
  const flags = slab.words[offset * 2 + 2];
  const count = flags & 0xff;
  const times = (flags >> 8) & 0xff;
  const units = times === TIMES.regular ? 0 : times === TIMES.shared ? 1 : (count + 1) >> 1;
  const cursor = offset + HEADER_UNITS + units;
  readValues(slab, { encoding: flags >> 16, cursor, count, base: offset + 3 }, arena);
  arena.next += count;
}

function writeTimes(
  slab: Slab,
  { offsets, count, step: known }: OpenColumns,
  cursor: number,
): { encoding: number; units: number; step: number } {
  if (known !== null) return { encoding: TIMES.regular, units: 0, step: known };
  const step = count > 1 ? (offsets[1] ?? 0) : 0;
  let regular = true;
  let hash = count;
  for (let i = 0; i < count; i++) {
    const offset = offsets[i];
    if (offset !== i * step) regular = false;
    hash = (Math.imul(hash, 31) + offset) | 0;
  }
  if (regular) return { encoding: TIMES.regular, units: 0, step };
  const { words } = slab;
  const twin = slab.sharedTimestamps.get(hash);
  if (twin !== undefined && sameOffsets(words, twin * 2, offsets, count)) {
    words[cursor * 2] = twin;
    return { encoding: TIMES.shared, units: 1, step: 0 };
  }
  for (let i = 0; i < count; i++) words[cursor * 2 + i] = offsets[i];
  slab.sharedTimestamps.set(hash, cursor);
  return { encoding: TIMES.offsets, units: (count + 1) >> 1, step: 0 };
}

function sameOffsets(words: Int32Array, at: number, offsets: Int32Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (words[at + i] !== offsets[i]) return false;
  return true;
}

/** How a chunk's values may be stored; `low` and `high` only of integers. */
interface ValueShape {
  readonly kind: 'constant' | 'integers' | 'singles' | 'doubles';
  readonly low: number;
  readonly high: number;
}

const CONSTANT: ValueShape = { kind: 'constant', low: 0, high: 0 };
const SINGLES: ValueShape = { kind: 'singles', low: 0, high: 0 };
const DOUBLES: ValueShape = { kind: 'doubles', low: 0, high: 0 };

function shapeOf(columns: OpenColumns): ValueShape {
  if (isConstant(columns)) return CONSTANT;
  return integersOf(columns) ?? (areSingles(columns) ? SINGLES : DOUBLES);
}

function isConstant({ words, count }: OpenColumns): boolean {
  const [low, high] = words;
  for (let i = count * 2 - 2; i > 0; i -= 2) if (words[i] !== low || words[i + 1] !== high) return false;
  return true;
}

/** Negative zero and NaNs carry bits that a distance from a base would lose. */
function integersOf({ values, count }: OpenColumns): ValueShape | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (Math.floor(value) !== value || (value === 0 && 1 / value < 0)) return null;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const safe = low >= Number.MIN_SAFE_INTEGER && high <= Number.MAX_SAFE_INTEGER;
  return safe ? { kind: 'integers', low, high } : null;
}

function areSingles({ values, count }: OpenColumns): boolean {
  for (let i = 0; i < count; i++) if (Math.fround(values[i]) !== values[i]) return false;
  return true;
}

function writeValues(
  slab: Slab,
  columns: OpenColumns,
  cursor: number,
): { encoding: number; units: number; base: number } {
  const { values, words, count } = columns;
  const shape = shapeOf(columns);
  if (shape.kind === 'constant') return { encoding: VALUES.constant, units: 0, base: 0 };
  const span = shape.high - shape.low;
  if (shape.kind === 'integers' && span < 2 ** 32) {
    const base = shape.low;
    const width = span < 2 ** 8 ? 1 : span < 2 ** 16 ? 2 : 4;
    const target = width === 1 ? slab.bytes : width === 2 ? slab.halves : slab.longs;
    const at = (cursor * 8) / width;
    for (let i = 0; i < count; i++) target[at + i] = values[i] - base;
    const encoding = width === 1 ? VALUES.uint8 : width === 2 ? VALUES.uint16 : VALUES.uint32;
    return { encoding, units: Math.ceil((count * width) / 8), base };
  }
  if (shape.kind === 'singles' || (shape.kind === 'integers' && areSingles(columns))) {
    for (let i = 0; i < count; i++) slab.singles[cursor * 2 + i] = values[i];
    return { encoding: VALUES.float32, units: (count + 1) >> 1, base: 0 };
  }
  for (let i = 0; i < count * 2; i++) slab.longs[cursor * 2 + i] = words[i];
  return { encoding: VALUES.float64, units: count, base: 0 };
}

function readValues(
  slab: Slab,
  from: { encoding: number; cursor: number; count: number; base: number },
  arena: ColumnArena,
): void {
  const { encoding, cursor, count } = from;
  const { values, next } = arena;
  const { bytes, halves, longs, floats, singles } = slab;
  const base = floats[from.base];
  switch (encoding) {
    case VALUES.constant:
      if (base === base) values.fill(base, next, next + count);
      else for (let i = 0; i < count; i++) values.set(floats.subarray(from.base, from.base + 1), next + i);
      return;
    case VALUES.uint8:
      for (let i = 0; i < count; i++) values[next + i] = base + bytes[cursor * 8 + i];
      return;
    case VALUES.uint16:
      for (let i = 0; i < count; i++) values[next + i] = base + halves[cursor * 4 + i];
      return;
    case VALUES.uint32:
      for (let i = 0; i < count; i++) values[next + i] = base + longs[cursor * 2 + i];
      return;
    case VALUES.float32:
      for (let i = 0; i < count; i++) values[next + i] = singles[cursor * 2 + i];
      return;
    default:
      for (let i = 0; i < count; i++) values[next + i] = floats[cursor + i];
  }
}

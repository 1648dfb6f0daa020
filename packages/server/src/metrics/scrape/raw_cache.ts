import { sameText } from '../ingest/exposition/bytes.ts';

/**
 * A hash table from raw bytes to a number, for one target: what its exposition text says literally, so that a known series
 * is found without decoding, without a string and without an object.
 *
 *     slots   open addressing, linear probing        entries   columns, one index per known text
 *     ┌───┬───┬───┬───┐                              hash  │ at,length ──> arena (the raw bytes)
 *     │ 0 │ 7 │ 0 │ 3 │ ── entry + 1 ──────────────> ref   │ flags
 *     └───┴───┴───┴───┘                              seen  │ next (the entry that followed it last time)
 *
 * Targets list their series in the same order every time, so `predicted()` names the entry that should come next; comparing
 * it is cheaper than hashing.
 */
export class RawCache {
  /** Entries in use; indices run from 0. */
  count = 0;
  refs = new Float64Array(INITIAL);
  flags = new Uint8Array(INITIAL);
  /** The round in which an entry was last touched. */
  seen = new Uint32Array(INITIAL);
  /** Entries touched in this round. */
  touched = 0;
  round = 0;
  /** Offset and length of an entry's raw bytes in `arenaView`. */
  at = new Uint32Array(INITIAL);
  length = new Uint32Array(INITIAL);
  arenaView = new DataView(new ArrayBuffer(INITIAL * 64));

  readonly #seed: number;
  #hash = new Int32Array(INITIAL);
  #next = new Int32Array(INITIAL);
  #slots = new Int32Array(INITIAL * 2);
  #arena = new Uint8Array(this.arenaView.buffer);
  #arenaUsed = 0;
  #last = NONE;
  #first = NONE;
  /** Entries present in the last round that was not cut short. */
  #wholeCount = 0;

  /** The seed makes hashes of one process unpredictable to the targets of another. */
  constructor(seed: number) {
    this.#seed = seed | 1;
  }

  /** The bytes an entry's `at` and `length` point into. */
  get arena(): Uint8Array {
    return this.#arena;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#arena.length + this.#slots.length * 4 + this.refs.length * BYTES_PER_ENTRY;
  }

  beginRound(): void {
    this.round++;
    this.touched = 0;
    this.#last = NONE;
  }

  /** The entry that followed the one touched last, in an earlier round; -1 when there is none. */
  predicted(): number {
    return this.#last === NONE ? this.#first : (this.#next[this.#last] ?? NONE);
  }

  /** The entry with these bytes, or -1. */
  find(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const hash = hashRange(view, start, end, this.#seed);
    const length = end - start;
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] ?? 0) - 1;
      if (entry < 0) return NONE;
      if (this.#hash[entry] === hash && this.length[entry] === length && this.#same(entry, bytes, start)) {
        return entry;
      }
    }
  }

  /** Adds bytes that `find` did not find. */
  insert(bytes: Uint8Array, view: DataView, start: number, end: number, ref: number): number {
    if (this.count === this.refs.length) this.#growEntries();
    const length = end - start;
    this.#reserve(length);
    const entry = this.count++;
    this.#arena.set(bytes.subarray(start, end), this.#arenaUsed);
    this.at[entry] = this.#arenaUsed;
    this.length[entry] = length;
    this.#arenaUsed += length;
    this.#hash[entry] = hashRange(view, start, end, this.#seed);
    this.refs[entry] = ref;
    this.flags[entry] = 0;
    this.seen[entry] = 0;
    this.#next[entry] = NONE;
    if (this.count * 4 > this.#slots.length * 3) this.#rehash(this.#slots.length * 2);
    else this.#place(entry);
    return entry;
  }

  /** The entry that followed this one the last time; -1 when none did. */
  nextOf(entry: number): number {
    return this.#next[entry] ?? NONE;
  }

  /** Learns that `entry` follows `previous`, where several senders list their series in turns. */
  follow(previous: number, entry: number): void {
    this.#next[previous] = entry;
  }

  /** Whether an entry holds exactly these bytes, which are text: cheaper than `find` when one can guess. */
  holds(entry: number, view: DataView, start: number, end: number): boolean {
    const length = end - start;
    if (this.length[entry] !== length) return false;
    return sameText(this.arenaView, this.at[entry] ?? 0, view, start, length);
  }

  /** Marks an entry as present in this round and learns its place in the order. False when it was present already. */
  touch(entry: number): boolean {
    if (this.#last === NONE) this.#first = entry;
    else this.#next[this.#last] = entry;
    this.#last = entry;
    if (this.seen[entry] === this.round) return false;
    this.seen[entry] = this.round;
    this.touched++;
    return true;
  }

  /**
   * Ends a round. Drops the entries absent from it when they outnumber the present ones: memory follows what the target
   * exposes. A round that was cut short tells nothing about what is absent; it drops them only when the cache has grown far
   * beyond what the last whole round held.
   */
  endRound(whole: boolean): void {
    if (whole) this.#wholeCount = this.touched;
    if (this.count > 2 * this.#wholeCount + SWEEP_SLACK)
      this.retain((entry) => this.seen[entry] === this.round);
  }

  /** Forgets every other entry; the ones that stay get new numbers. */
  retain(keep: (entry: number) => boolean): void {
    const old = { arena: this.#arena, at: this.at, length: this.length, hash: this.#hash };
    const live: number[] = [];
    let rawBytes = 0;
    for (let entry = 0; entry < this.count; entry++) {
      if (!keep(entry)) continue;
      live.push(entry);
      rawBytes += this.length[entry] ?? 0;
    }
    const capacity = Math.max(INITIAL, live.length);
    const column = <T extends Float64Array | Uint8Array | Uint32Array | Int32Array>(from: T, to: T): T => {
      live.forEach((entry, i) => {
        to[i] = from[entry] ?? 0;
      });
      return to;
    };
    this.#arena = new Uint8Array(Math.max(INITIAL * 64, rawBytes));
    this.arenaView = new DataView(this.#arena.buffer);
    this.#arenaUsed = 0;
    this.refs = column(this.refs, new Float64Array(capacity));
    this.flags = column(this.flags, new Uint8Array(capacity));
    this.seen = column(this.seen, new Uint32Array(capacity));
    this.length = column(old.length, new Uint32Array(capacity));
    this.#hash = column(old.hash, new Int32Array(capacity));
    this.#next = new Int32Array(capacity).fill(NONE);
    this.at = new Uint32Array(capacity);
    live.forEach((entry, i) => {
      const from = old.at[entry] ?? 0;
      const length = old.length[entry] ?? 0;
      this.#arena.set(old.arena.subarray(from, from + length), this.#arenaUsed);
      this.at[i] = this.#arenaUsed;
      this.#arenaUsed += length;
    });
    this.count = live.length;
    this.#first = NONE;
    this.#last = NONE;
    this.#rehash(powerOfTwo(capacity * 2));
  }

  #same(entry: number, bytes: Uint8Array, start: number): boolean {
    const at = this.at[entry] ?? 0;
    const length = this.length[entry] ?? 0;
    const arena = this.#arena;
    for (let i = 0; i < length; i++) if (arena[at + i] !== bytes[start + i]) return false;
    return true;
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#hash[entry] ?? 0) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #rehash(size: number): void {
    this.#slots = new Int32Array(size);
    for (let entry = 0; entry < this.count; entry++) this.#place(entry);
  }

  #growEntries(): void {
    const capacity = Math.ceil(this.refs.length * GROWTH);
    this.refs = grown(this.refs, new Float64Array(capacity));
    this.flags = grown(this.flags, new Uint8Array(capacity));
    this.seen = grown(this.seen, new Uint32Array(capacity));
    this.at = grown(this.at, new Uint32Array(capacity));
    this.length = grown(this.length, new Uint32Array(capacity));
    this.#hash = grown(this.#hash, new Int32Array(capacity));
    this.#next = grown(this.#next, new Int32Array(capacity));
  }

  #reserve(length: number): void {
    if (this.#arenaUsed + length <= this.#arena.length) return;
    const size = Math.max(Math.ceil(this.#arena.length * GROWTH), this.#arenaUsed + length);
    this.#arena = grown(this.#arena, new Uint8Array(size));
    this.arenaView = new DataView(this.#arena.buffer);
  }
}

const NONE = -1;
/** Most targets expose a few dozen to a few hundred series. */
const INITIAL = 64;
/** Absent entries are kept up to this many beyond the present ones, so that flapping series stay known. */
const SWEEP_SLACK = 1000;
const BYTES_PER_ENTRY = 33;
/** A cache grows once and then stays for as long as its target: room it does not use would cost more than the copies. */
const GROWTH = 1.25;

function grown<T extends Float64Array | Uint8Array | Uint32Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function powerOfTwo(atLeast: number): number {
  return 2 ** Math.ceil(Math.log2(atLeast));
}

/**
 * A seeded 32-bit hash of a byte range, four bytes a step. The shift between multiplications keeps collisions dependent on
 * the seed, so that a hostile target cannot prepare them.
 */
function hashRange(view: DataView, start: number, end: number, seed: number): number {
  let hash = seed ^ (end - start);
  let i = start;
  for (; i + 4 <= end; i += 4) {
    hash = Math.imul(hash ^ view.getInt32(i, true), seed);
    hash ^= hash >>> 15;
  }
  for (; i < end; i++) {
    hash = Math.imul(hash ^ view.getUint8(i), seed);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x85ebca6b);
  return hash ^ (hash >>> 13);
}

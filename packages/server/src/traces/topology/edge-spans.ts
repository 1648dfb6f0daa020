import { ID_OFFSET } from '../sink.ts';
import type { Peer } from './peer.ts';

const FIRST_ROWS = 1024;
/** Words of a row's trace id and span id; words of its parent's span id. */
const ID_WORDS = ID_OFFSET.parent / 4;
const PARENT_WORDS = 2;
/** No row, no peer, no bucket. */
const NONE = -1;

/** What a graph needs to know of a span beside its ids. */
export interface EdgeSpan {
  readonly kind: number;
  /** Canonical. */
  readonly service: string;
  readonly failed: boolean;
  /** Nanoseconds. */
  readonly duration: number;
  /** When it began, in epoch ms. */
  readonly at: number;
  /** Of a client or producer span. */
  readonly peer: Peer | null;
}

/** Many spans as columns, found by trace and span id; one span takes some 70 bytes. A repeat of a span is left out. */
export class EdgeSpans {
  rows = 0;
  kinds = new Uint8Array(FIRST_ROWS);
  failed = new Uint8Array(FIRST_ROWS);
  durations = new Float64Array(FIRST_ROWS);
  at = new Float64Array(FIRST_ROWS);
  /** Numbers of {@link services} and {@link peers}; no peer is negative. */
  serviceOf = new Int32Array(FIRST_ROWS);
  peerOf = new Int32Array(FIRST_ROWS);
  readonly services: string[] = [];
  readonly peers: Peer[] = [];
  readonly #serviceNumbers = new Map<string, number>();
  readonly #peerNumbers = new Map<string, number>();
  #ids = new Uint32Array(FIRST_ROWS * ID_WORDS);
  #parents = new Uint32Array(FIRST_ROWS * PARENT_WORDS);
  /** The first row of a trace and span id by hash, and after each row the next one of the same hash. */
  #buckets = new Int32Array(FIRST_ROWS * 2).fill(NONE);
  #next = new Int32Array(FIRST_ROWS);

  /**
   * Adds a span: trace id and span id as six words from `idAt` on, its parent's span id as two from `parentAt` on, zeros for none. False
   * for one that is there.
   */
  add(span: EdgeSpan, ids: Uint32Array, idAt: number, parents: Uint32Array, parentAt: number): boolean {
    const hash = hashOf(ids, idAt, ids[idAt + 4], ids[idAt + 5]);
    let bucket = hash & (this.#buckets.length - 1);
    for (let row = this.#buckets[bucket]; row !== NONE; row = this.#next[row])
      if (this.kinds[row] === span.kind && this.#isSame(row, ids, idAt, ids[idAt + 4], ids[idAt + 5]))
        return false;
    if (this.rows === this.kinds.length) {
      this.#grow();
      bucket = hash & (this.#buckets.length - 1);
    }
    const row = this.rows++;
    for (let i = 0; i < ID_WORDS; i++) this.#ids[row * ID_WORDS + i] = ids[idAt + i];
    this.#parents[row * PARENT_WORDS] = parents[parentAt];
    this.#parents[row * PARENT_WORDS + 1] = parents[parentAt + 1];
    this.#next[row] = this.#buckets[bucket];
    this.#buckets[bucket] = row;
    this.kinds[row] = span.kind;
    this.failed[row] = span.failed ? 1 : 0;
    this.durations[row] = span.duration;
    this.at[row] = span.at;
    this.serviceOf[row] = this.#service(span.service);
    this.peerOf[row] = span.peer === null ? NONE : this.#peer(span.peer);
    return true;
  }

  /** The trace of a row, in hex. */
  traceIdOf(row: number): string {
    const bytes = Buffer.alloc(ID_OFFSET.span);
    for (let word = 0; word < 4; word++) bytes.writeUInt32LE(this.#ids[row * ID_WORDS + word], word * 4);
    return bytes.toString('hex');
  }

  /** The spans of the same trace and span id as a row, that one among them. */
  sharing(row: number): number[] {
    const at = row * ID_WORDS;
    return this.#find(at, this.#ids[at + 4], this.#ids[at + 5]);
  }

  /** The parents of a row: one, or both sides of a span that Zipkin shares. */
  parentsOf(row: number): number[] {
    const low = this.#parents[row * PARENT_WORDS];
    const high = this.#parents[row * PARENT_WORDS + 1];
    return low === 0 && high === 0 ? [] : this.#find(row * ID_WORDS, low, high);
  }

  /** In the order they came. */
  #find(traceAt: number, low: number, high: number): number[] {
    const ids = this.#ids;
    const found: number[] = [];
    const bucket = hashOf(ids, traceAt, low, high) & (this.#buckets.length - 1);
    for (let row = this.#buckets[bucket]; row !== NONE; row = this.#next[row])
      if (this.#isSame(row, ids, traceAt, low, high)) found.unshift(row);
    return found;
  }

  #isSame(row: number, trace: Uint32Array, traceAt: number, low: number, high: number): boolean {
    const ids = this.#ids;
    const at = row * ID_WORDS;
    return (
      ids[at + 4] === low &&
      ids[at + 5] === high &&
      ids[at] === trace[traceAt] &&
      ids[at + 1] === trace[traceAt + 1] &&
      ids[at + 2] === trace[traceAt + 2] &&
      ids[at + 3] === trace[traceAt + 3]
    );
  }

  #service(name: string): number {
    let number = this.#serviceNumbers.get(name);
    if (number === undefined) this.#serviceNumbers.set(name, (number = this.services.push(name) - 1));
    return number;
  }

  #peer(peer: Peer): number {
    const key = `${peer.type} ${peer.name}`;
    let number = this.#peerNumbers.get(key);
    if (number === undefined) this.#peerNumbers.set(key, (number = this.peers.push(peer) - 1));
    return number;
  }

  #grow(): void {
    const size = this.kinds.length * 2;
    this.kinds = grown(this.kinds, new Uint8Array(size));
    this.failed = grown(this.failed, new Uint8Array(size));
    this.durations = grown(this.durations, new Float64Array(size));
    this.at = grown(this.at, new Float64Array(size));
    this.serviceOf = grown(this.serviceOf, new Int32Array(size));
    this.peerOf = grown(this.peerOf, new Int32Array(size));
    this.#ids = grown(this.#ids, new Uint32Array(size * ID_WORDS));
    this.#parents = grown(this.#parents, new Uint32Array(size * PARENT_WORDS));
    this.#next = new Int32Array(size);
    this.#buckets = new Int32Array(size * 2).fill(NONE);
    for (let row = 0; row < this.rows; row++) {
      const at = row * ID_WORDS;
      const bucket = hashOf(this.#ids, at, this.#ids[at + 4], this.#ids[at + 5]) & (this.#buckets.length - 1);
      this.#next[row] = this.#buckets[bucket];
      this.#buckets[bucket] = row;
    }
  }
}

function grown<T extends Float64Array | Uint32Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Ids are random as a rule, but nobody is made to make them so. */
function hashOf(trace: Uint32Array, at: number, low: number, high: number): number {
  let hash = Math.imul(trace[at] ^ low, 0x85ebca6b);
  hash = Math.imul((hash ^ (hash >>> 15)) + trace[at + 1], 0xc2b2ae35);
  hash = Math.imul((hash ^ (hash >>> 13)) + trace[at + 2] + high, 0x9e3779b1);
  hash = Math.imul((hash ^ (hash >>> 16)) + trace[at + 3], 0x27d4eb2f);
  return hash ^ (hash >>> 15);
}

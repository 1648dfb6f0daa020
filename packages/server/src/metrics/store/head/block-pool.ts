/** Bytes of a block: a link to the next one and its payload. */
const BLOCK_BYTES = 32;
const LINK_BYTES = 4;
export const PAYLOAD_BYTES = BLOCK_BYTES - LINK_BYTES;
const BLOCK_WORDS = BLOCK_BYTES / 4;
export const PAYLOAD_WORDS = BLOCK_WORDS - 1;

const SLAB_BITS = 12;
const SLAB_BLOCKS = 1 << SLAB_BITS;
const SLAB_MASK = SLAB_BLOCKS - 1;

/** No block. */
const NO_BLOCK = 0xffffffff;

interface BlockSlab {
  readonly bytes: Uint8Array;
  readonly links: Uint32Array;
}

/**
 * Small blocks of one size, handed out one by one and chained by their links, so that many short streams of bytes grow and end
 * without a buffer each and without holes between them. Freed blocks are used again; memory stays at its peak.
 */
export class BlockPool {
  readonly #slabs: BlockSlab[] = [];
  /** The first of the free blocks, chained. */
  #free = NO_BLOCK;
  #next = 0;

  get bytes(): number {
    return this.#slabs.length * SLAB_BLOCKS * BLOCK_BYTES;
  }

  /** A block that ends its chain. What its payload holds is left from another use. */
  take(): number {
    const block = this.#free;
    if (block === NO_BLOCK) return this.#fresh();
    this.#free = this.nextOf(block);
    this.link(block, NO_BLOCK);
    return block;
  }

  /** Gives a chain back, from its first block to its last. */
  give(first: number, last: number): void {
    this.link(last, this.#free);
    this.#free = first;
  }

  nextOf(block: number): number {
    return this.#slabs[block >>> SLAB_BITS].links[(block & SLAB_MASK) * (BLOCK_BYTES / 4)];
  }

  link(block: number, next: number): void {
    this.#slabs[block >>> SLAB_BITS].links[(block & SLAB_MASK) * (BLOCK_BYTES / 4)] = next;
  }

  /** The bytes that hold the block's payload, from `payloadAt` on. */
  bytesOf(block: number): Uint8Array {
    return this.#slabs[block >>> SLAB_BITS].bytes;
  }

  payloadAt(block: number): number {
    return (block & SLAB_MASK) * BLOCK_BYTES + LINK_BYTES;
  }

  /** Copies the block's payload, all of it, to a place among `words`. */
  copyTo(block: number, words: Uint32Array, to: number): void {
    const { links } = this.#slabs[block >>> SLAB_BITS];
    const from = (block & SLAB_MASK) * BLOCK_WORDS + 1;
    for (let i = 0; i < PAYLOAD_WORDS; i++) words[to + i] = links[from + i];
  }

  #fresh(): number {
    const block = this.#next++;
    if ((block & SLAB_MASK) === 0) {
      const buffer = new ArrayBuffer(SLAB_BLOCKS * BLOCK_BYTES);
      this.#slabs.push({ bytes: new Uint8Array(buffer), links: new Uint32Array(buffer) });
    }
    this.link(block, NO_BLOCK);
    return block;
  }
}

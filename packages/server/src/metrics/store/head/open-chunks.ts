import { BlockPool, PAYLOAD_BYTES, PAYLOAD_WORDS } from './block-pool.ts';
import { CHUNK_SAMPLES, OpenColumns } from './chunk.ts';
import type { ColumnArena } from './column-arena.ts';
import { MOST_SAMPLE_BYTES, readSamples, writeTime, writeValue } from './sample-codec.ts';
import type { SeriesPage } from './series-pages.ts';

/** Blocks that a chunk takes at most, a rewritten one with a sample more included. */
const MOST_BLOCKS = Math.ceil(((CHUNK_SAMPLES + 1) * MOST_SAMPLE_BYTES) / PAYLOAD_BYTES);

/**
 * The samples of each series that are not sealed yet, as bytes in chained blocks: a series that nothing happens to takes a byte
 * a sample, a counter two or three. Times are not stored as long as they are regular, as those of scrapes are.
 */
export class OpenChunks {
  readonly #blocks = new BlockPool();
  /** Whole payloads of blocks. */
  readonly #words = new Uint32Array(MOST_BLOCKS * PAYLOAD_WORDS);
  readonly #stream = new Uint8Array(this.#words.buffer);
  readonly #oneTime = new Float64Array(1);
  readonly #oneValue = new Float64Array(1);
  readonly #timestamps = new Float64Array(CHUNK_SAMPLES);
  readonly #values = new Float64Array(CHUNK_SAMPLES);
  readonly #closed = new OpenColumns(new Int32Array(CHUNK_SAMPLES), this.#values);

  get bytes(): number {
    return this.#blocks.bytes;
  }

  /** Adds a sample newer than the chunk's others, of which there are fewer than a chunk may have. */
  append(page: SeriesPage, slot: number, timestamp: number, value: number): void {
    this.#oneTime[0] = timestamp;
    this.#oneValue[0] = value;
    this.appendFrom(page, slot, this.#oneTime, this.#oneValue, 0);
  }

  /** The same for the sample at an index of columns: a number that is handed over by itself costs memory of its own. */
  appendFrom(
    page: SeriesPage,
    slot: number,
    timestamps: Float64Array,
    values: Float64Array,
    at: number,
  ): void {
    const timestamp = timestamps[at];
    const value = values[at];
    const count = page.openCount[slot];
    if (count === 0) {
      page.openBase[slot] = timestamp;
      page.openStep[slot] = 0;
      page.openRegular[slot] = 1;
    } else if (count === 1) page.openStep[slot] = timestamp - page.openBase[slot];
    const last = count === 0 ? 0 : page.lastValue[slot];
    const distance = timestamp - page.openBase[slot] - page.openLast[slot];
    const difference = count === 0 ? 0 : distance - page.openStep[slot];
    if (difference !== 0 && page.openRegular[slot] === 1) this.#spellTimes(page, slot);
    let end = 0;
    if (count > 0 && page.openRegular[slot] === 0) end = writeTime(this.#stream, 0, difference);
    end = writeValue(this.#stream, end, value, last);
    this.#push(page, slot, end);
    page.openCount[slot] = count + 1;
    page.openLast[slot] = timestamp - page.openBase[slot];
    page.lastValue[slot] = value;
  }

  /** Sorts a sample in; false when there is one of its time. */
  insert(page: SeriesPage, slot: number, timestamp: number, value: number): boolean {
    const count = page.openCount[slot];
    this.#load(page, slot);
    const timestamps = this.#timestamps;
    const values = this.#values;
    let at = 0;
    while (at < count && timestamps[at] < timestamp) at++;
    if (at < count && timestamps[at] === timestamp) return false;
    timestamps.copyWithin(at + 1, at, count);
    values.copyWithin(at + 1, at, count);
    timestamps[at] = timestamp;
    values[at] = value;
    this.#rewrite(page, slot, count + 1);
    return true;
  }

  /** Appends the chunk's samples at `arena.next`; the arena must have room. */
  read(page: SeriesPage, slot: number, arena: ColumnArena): void {
    this.#gather(page, slot);
    readSamples(this.#encoded(page, slot), arena.timestamps, arena.values, arena.next);
    arena.next += page.openCount[slot];
  }

  /** The chunk's samples as columns, valid until the next call; the chunk is empty then. */
  close(page: SeriesPage, slot: number): OpenColumns {
    const closed = this.#closed;
    closed.base = page.openBase[slot];
    closed.count = page.openCount[slot];
    this.#load(page, slot);
    closed.step = page.openRegular[slot] === 1 && closed.count > 1 ? page.openStep[slot] : null;
    if (closed.step === null)
      for (let i = 0; i < closed.count; i++) closed.offsets[i] = this.#timestamps[i] - closed.base;
    this.drop(page, slot);
    return closed;
  }

  drop(page: SeriesPage, slot: number): void {
    if (page.openUsed[slot] > 0) this.#blocks.give(page.openHead[slot], page.openTail[slot]);
    page.openUsed[slot] = 0;
    page.openCount[slot] = 0;
    page.openLast[slot] = 0;
  }

  /** From now on every sample says its time. */
  #spellTimes(page: SeriesPage, slot: number): void {
    const count = page.openCount[slot];
    this.#load(page, slot);
    page.openRegular[slot] = 0;
    this.#rewrite(page, slot, count);
  }

  /** Writes the chunk anew from the scratch columns. */
  #rewrite(page: SeriesPage, slot: number, count: number): void {
    const regular = page.openRegular[slot];
    this.drop(page, slot);
    for (let i = 0; i < count; i++) {
      this.appendFrom(page, slot, this.#timestamps, this.#values, i);
      if (i === 0) page.openRegular[slot] = regular;
    }
  }

  #load(page: SeriesPage, slot: number): void {
    this.#gather(page, slot);
    readSamples(this.#encoded(page, slot), this.#timestamps, this.#values, 0);
  }

  #encoded(page: SeriesPage, slot: number): Parameters<typeof readSamples>[0] {
    return {
      bytes: this.#stream,
      count: page.openCount[slot],
      base: page.openBase[slot],
      step: page.openStep[slot],
      regular: page.openRegular[slot] === 1,
    };
  }

  /** Copies the chunk's blocks into the scratch stream. */
  #gather(page: SeriesPage, slot: number): void {
    const blocks = this.#blocks;
    const used = page.openUsed[slot];
    let block = page.openHead[slot];
    for (let to = 0; to * 4 < used; to += PAYLOAD_WORDS) {
      blocks.copyTo(block, this.#words, to);
      block = blocks.nextOf(block);
    }
  }

  /** Adds the scratch stream's first bytes to the chunk's blocks. */
  #push(page: SeriesPage, slot: number, length: number): void {
    const blocks = this.#blocks;
    let used = page.openUsed[slot];
    let block = page.openTail[slot];
    let inside = used % PAYLOAD_BYTES;
    if (inside > 0 && inside + length <= PAYLOAD_BYTES) {
      const bytes = blocks.bytesOf(block);
      const at = blocks.payloadAt(block) + inside;
      for (let i = 0; i < length; i++) bytes[at + i] = this.#stream[i];
      page.openUsed[slot] = used + length;
      return;
    }
    for (let i = 0; i < length; i++) {
      if (inside === 0) {
        const next = blocks.take();
        if (used === 0) page.openHead[slot] = next;
        else blocks.link(block, next);
        block = next;
      }
      blocks.bytesOf(block)[blocks.payloadAt(block) + inside] = this.#stream[i];
      inside = inside + 1 === PAYLOAD_BYTES ? 0 : inside + 1;
      used++;
    }
    page.openTail[slot] = block;
    page.openUsed[slot] = used;
  }
}

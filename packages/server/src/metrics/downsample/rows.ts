import type { BucketColumns } from '@pharos/promql';
import { RowBinaryWriter } from '../../engine/index.ts';
import type { SeriesKey } from '../store/series-key.ts';

/** Rows of one insert; a series adds at most those of its day, so that a block stays within what an insert may hold. */
const ROWS_PER_BLOCK = 100_000;

/** Rows in RowBinary, for one insert. */
export interface BucketBlock {
  readonly rows: number;
  readonly payload: Uint8Array;
}

/** Rows of one run in one resolution's table, cut into blocks. */
export class BucketRows {
  readonly #blocks: BucketBlock[] = [];
  readonly #writer = new RowBinaryWriter(1 << 20);
  readonly #run: number;
  readonly #resolution: number;

  constructor(run: number, resolution: number) {
    this.#run = run;
    this.#resolution = resolution;
  }

  add(tenant: string, { metric, low, high }: SeriesKey, buckets: BucketColumns): void {
    const writer = this.#writer;
    const { ends, count, min, max, sum, first, firstTime, last, lastTime } = buckets;
    const { dropped, resets, changes, staleTime } = buckets;
    for (let i = buckets.from; i < buckets.to; i++) {
      const open = ends[i] - this.#resolution;
      writer.string(tenant);
      writer.uint32(metric);
      writer.uint64(low, high);
      writer.dateTime64(open);
      writer.uint32(this.#run);
      writer.uint32(count[i]);
      writer.float64(min[i]);
      writer.float64(max[i]);
      writer.float64(sum[i]);
      writer.float64(first[i]);
      writer.uint32(count[i] > 0 ? firstTime[i] - open : 0);
      writer.float64(last[i]);
      writer.uint32(count[i] > 0 ? lastTime[i] - open : 0);
      writer.float64(dropped[i]);
      writer.uint32(resets[i]);
      writer.uint32(changes[i]);
      writer.uint32(staleTime[i] > 0 ? staleTime[i] - open : 0);
      writer.endRow();
    }
    if (writer.rows >= ROWS_PER_BLOCK) this.#blocks.push(writer.take());
  }

  /** The blocks that are full; with `rest` also what is left. */
  take(rest: boolean): readonly BucketBlock[] {
    if (rest && this.#writer.rows > 0) this.#blocks.push(this.#writer.take());
    return this.#blocks.splice(0);
  }
}

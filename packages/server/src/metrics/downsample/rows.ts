import type { BucketColumns } from '@pharos/promql';
import { RowBinaryWriter } from '../../engine/index.ts';
import type { SeriesKey } from '../store/series-key.ts';

/** Rows of one run in one resolution's table, in RowBinary. */
export class BucketRows {
  readonly #writer = new RowBinaryWriter(1 << 20);
  readonly #run: number;
  readonly #resolution: number;

  constructor(run: number, resolution: number) {
    this.#run = run;
    this.#resolution = resolution;
  }

  get rows(): number {
    return this.#writer.rows;
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
  }

  /** What was added since the last take. */
  take(): { readonly rows: number; readonly payload: Uint8Array } {
    return this.#writer.take();
  }
}

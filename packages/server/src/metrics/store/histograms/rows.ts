import { RowBinaryReader, RowBinaryWriter } from '../../../engine/index.ts';
import type { Frame } from '../../../journal/index.ts';
import { histogramsTable } from '../../tables.ts';
import type { SeriesKey } from '../series-key.ts';
import { BLOB_START } from './codec.ts';

/** One histogram sample by its record. Times in ms, start 0 for unknown. */
export interface HistogramRow {
  readonly timestamp: number;
  readonly start: number;
  readonly record: Uint8Array;
}

/** Writes histogram rows in RowBinary: the record's count and sum are columns, the rest is the blob. */
export class HistogramRows {
  readonly #writer = new RowBinaryWriter(0);
  readonly #tenant: string;
  readonly #day: number;

  constructor(tenant: string, day: number) {
    this.#tenant = tenant;
    this.#day = day;
  }

  add(key: SeriesKey, { timestamp, start, record }: HistogramRow): void {
    const writer = this.#writer;
    writer.string(this.#tenant);
    writer.uint32(key.metric);
    writer.uint64(key.low, key.high);
    writer.dateTime64(timestamp);
    writer.int64(start);
    writer.fixed(record.subarray(0, BLOB_START));
    writer.bytes(record.subarray(BLOB_START));
    writer.endRow();
  }

  /** Bytes written since the last frame. */
  get size(): number {
    return this.#writer.size;
  }

  /** The rows so far; the next ones begin a new frame. */
  frame(): Frame {
    const { rows, payload } = this.#writer.take();
    const { name: table } = histogramsTable;
    return { table, schemaVersion: 1, tenant: this.#tenant, day: this.#day, rows, payload };
  }
}

/** A frame's histogram rows, read back at restart. */
export function readHistogramRows(frame: Frame, visit: (key: SeriesKey, row: HistogramRow) => void): void {
  const reader = new RowBinaryReader(frame.payload);
  for (let row = 0; row < frame.rows; row++) {
    reader.skipString();
    const key = { metric: reader.uint32(), low: reader.uint32(), high: reader.uint32() };
    const timestamp = reader.dateTime64();
    const start = reader.int64();
    const head = reader.raw(BLOB_START);
    const blob = reader.raw(reader.varUint());
    visit(key, { timestamp, start, record: Buffer.concat([head, blob]) });
  }
}

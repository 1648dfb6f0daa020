import { Labels } from '@pharos/promql';
import { RowBinaryReader, RowBinaryWriter } from '../../../engine/index.ts';
import type { Frame } from '../../../journal/index.ts';
import type { Exemplar } from '../../sink.ts';
import { exemplarsTable } from '../../tables.ts';
import type { SeriesHasher, SeriesKey } from '../series-key.ts';

/** Writes exemplar rows in RowBinary. */
export class ExemplarRows {
  readonly #writer = new RowBinaryWriter(0);
  readonly #hasher: SeriesHasher;
  readonly #tenant: string;
  readonly #day: number;

  constructor(hasher: SeriesHasher, tenant: string, day: number) {
    this.#hasher = hasher;
    this.#tenant = tenant;
    this.#day = day;
  }

  add(key: SeriesKey, { labels, value, timestamp }: Exemplar): void {
    const writer = this.#writer;
    const id = this.#hasher.keyOf(labels);
    writer.string(this.#tenant);
    writer.uint32(key.metric);
    writer.uint64(key.low, key.high);
    writer.dateTime64(timestamp);
    writer.float64(value);
    writer.uint64(id.low, id.high);
    writer.varUint(labels.size);
    for (const text of labels.pairs) writer.string(text);
    writer.endRow();
  }

  frame(): Frame {
    const { rows, payload } = this.#writer.take();
    const { name: table } = exemplarsTable;
    return { table, schemaVersion: 1, tenant: this.#tenant, day: this.#day, rows, payload };
  }
}

/** A frame's exemplar rows, read back at restart. */
export function readExemplarRows(frame: Frame, visit: (key: SeriesKey, exemplar: Exemplar) => void): void {
  const reader = new RowBinaryReader(frame.payload);
  for (let row = 0; row < frame.rows; row++) {
    reader.skipString();
    const key = { metric: reader.uint32(), low: reader.uint32(), high: reader.uint32() };
    const timestamp = reader.dateTime64();
    const value = reader.float64();
    reader.skip(8);
    const pairs: string[] = [];
    for (let left = reader.varUint() * 2; left > 0; left--) pairs.push(reader.string());
    visit(key, { labels: Labels.fromSortedPairs(pairs), value, timestamp });
  }
}

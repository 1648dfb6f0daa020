import { Labels } from '@pharos/promql';
import { RowBinaryReader, RowBinaryWriter } from '../../engine/index.ts';
import type { Frame } from '../../journal/index.ts';
import { samplesTable, seriesTable } from '../tables.ts';
import type { SeriesPage } from './head/series-pages.ts';
import type { SeriesKey } from './series-key.ts';

export const DAY_MS = 86_400_000;

/** Metric, series, time and value; the tenant's text comes before them. */
const FIXED_BYTES = 4 + 8 + 8 + 8;
const START_BYTES = 8;
/** Frames of this version carry start times. */
const WITH_STARTS = 2;
const TWO_32 = 2 ** 32;

export function dayOf(timestamp: number): number {
  return Math.floor(timestamp / DAY_MS);
}

/** Memory for a payload of so many bytes, whatever stands in it. */
export type TakePayload = (bytes: number) => Uint8Array<ArrayBuffer>;

/** Writes sample rows in RowBinary. All rows of a tenant have the same size, so the payload is taken once. */
export class SampleRows {
  readonly #tenant: string;
  readonly #prefix: Uint8Array;
  readonly #view: DataView<ArrayBuffer>;
  readonly #payload: Uint8Array<ArrayBuffer>;
  readonly #starts: Float64Array | null;
  #at = 0;
  #rows = 0;
  /** The time of the row before, and its two halves: the samples of a scrape share one. */
  #time = 0;
  #timeLow = 0;
  #timeHigh = 0;

  /** `starts` are the start times by index of `add`, or null when no row has one: then the rows do without. */
  constructor(tenant: string, rows: number, starts: Float64Array | null, take: TakePayload) {
    this.#tenant = tenant;
    this.#prefix = prefixOf(tenant);
    this.#starts = starts;
    const fixed = FIXED_BYTES + (starts === null ? 0 : START_BYTES);
    this.#payload = take(rows * (this.#prefix.length + fixed));
    this.#view = new DataView(this.#payload.buffer);
  }

  /** `words` are the bits of the value column, so that a staleness marker stays itself. */
  add(page: SeriesPage, slot: number, timestamp: number, words: Uint32Array, index: number): void {
    const view = this.#view;
    const prefix = this.#prefix;
    // A few bytes: copying them one by one is cheaper than the call.
    for (let i = 0; i < prefix.length; i++) this.#payload[this.#at + i] = prefix[i];
    const at = this.#at + prefix.length;
    view.setUint32(at, page.metric[slot], true);
    view.setUint32(at + 4, page.low[slot], true);
    view.setUint32(at + 8, page.high[slot], true);
    if (timestamp !== this.#time) this.#split(timestamp);
    view.setUint32(at + 12, this.#timeLow, true);
    view.setInt32(at + 16, this.#timeHigh, true);
    view.setUint32(at + 20, words[index * 2], true);
    view.setUint32(at + 24, words[index * 2 + 1], true);
    this.#at = at + FIXED_BYTES;
    this.#rows++;
    if (this.#starts === null) return;
    setInt64(view, this.#at, this.#starts[index]);
    this.#at += START_BYTES;
  }

  #split(timestamp: number): void {
    this.#time = timestamp;
    this.#timeHigh = Math.floor(timestamp / TWO_32);
    this.#timeLow = timestamp - this.#timeHigh * TWO_32;
  }

  frame(day: number): Frame {
    return {
      table: samplesTable.name,
      schemaVersion: this.#starts === null ? 1 : WITH_STARTS,
      tenant: this.#tenant,
      day,
      rows: this.#rows,
      payload: this.#payload.subarray(0, this.#at),
    };
  }
}

/** The last tenant's text as it begins its rows: most requests are of one tenant. */
let lastPrefix: { readonly tenant: string; readonly bytes: Uint8Array } | null = null;

function prefixOf(tenant: string): Uint8Array {
  if (lastPrefix?.tenant === tenant) return lastPrefix.bytes;
  // One short text: the writer's usual first buffer would weigh more than the rows of most scrapes.
  const writer = new RowBinaryWriter(0);
  writer.string(tenant);
  writer.endRow();
  lastPrefix = { tenant, bytes: writer.take().payload };
  return lastPrefix.bytes;
}

function setInt64(view: DataView, at: number, value: number): void {
  const high = Math.floor(value / TWO_32);
  view.setUint32(at, value - high * TWO_32, true);
  view.setInt32(at + 4, high, true);
}

function getInt64(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true);
}

/** A row read back: `value` belongs to it only during the visit. Times in ms, start 0 for unknown. */
export interface SampleRow {
  readonly timestamp: number;
  readonly start: number;
  readonly value: Float64Array;
}

/** A frame's sample rows, read back at restart. */
export function readSampleRows(frame: Frame, visit: (key: SeriesKey, row: SampleRow) => void): void {
  const { payload } = frame;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const value = new Float64Array(1);
  const words = new Uint32Array(value.buffer);
  const prefix = tenantBytes(frame);
  const started = frame.schemaVersion >= WITH_STARTS;
  const fixed = FIXED_BYTES + (started ? START_BYTES : 0);
  for (let at = prefix; at + fixed <= payload.length; at += prefix + fixed) {
    words[0] = view.getUint32(at + 20, true);
    words[1] = view.getUint32(at + 24, true);
    const start = started ? getInt64(view, at + FIXED_BYTES) : 0;
    visit(keyAt(view, at), { timestamp: getInt64(view, at + 12), start, value });
  }
}

/** A tenant name of 128 bytes or more has a two-byte length. */
function tenantBytes(frame: Frame): number {
  const length = Buffer.byteLength(frame.tenant);
  return length + (length >= 128 ? 2 : 1);
}

function keyAt(view: DataView, at: number): SeriesKey {
  return {
    metric: view.getUint32(at, true),
    low: view.getUint32(at + 4, true),
    high: view.getUint32(at + 8, true),
  };
}

/** One series row per label set. */
export class SeriesRows {
  readonly #writer = new RowBinaryWriter();
  readonly #tenant: string;
  readonly #day: number;

  constructor(tenant: string, day: number) {
    this.#tenant = tenant;
    this.#day = day;
  }

  add(key: SeriesKey, labels: Labels): void {
    const writer = this.#writer;
    writer.string(this.#tenant);
    writer.date(this.#day);
    writer.string(labels.metricName);
    writer.uint32(key.metric);
    writer.uint64(key.low, key.high);
    writer.varUint(labels.size);
    for (const text of labels.pairs) writer.string(text);
    writer.endRow();
  }

  /** Bytes written since the last frame. */
  get size(): number {
    return this.#writer.size;
  }

  /** The rows so far; the next ones begin a new frame. */
  frame(): Frame {
    const { rows, payload } = this.#writer.take();
    return { table: seriesTable.name, schemaVersion: 1, tenant: this.#tenant, day: this.#day, rows, payload };
  }
}

/** The label sets of a frame of series rows. */
export function readSeriesRows(frame: Frame, visit: (labels: Labels) => void): void {
  const reader = new RowBinaryReader(frame.payload);
  for (let row = 0; row < frame.rows; row++) {
    reader.skipString();
    reader.skip(2);
    reader.skipString();
    reader.skip(12);
    const pairs: (readonly [string, string])[] = [];
    for (let left = reader.varUint(); left > 0; left--) pairs.push([reader.string(), reader.string()]);
    visit(Labels.fromPairs(pairs));
  }
}

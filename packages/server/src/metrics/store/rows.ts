import { Labels } from '@pharos/promql';
import {
  isPacked,
  PackedWriter,
  packed,
  packedRows,
  RowBinaryReader,
  RowBinaryWriter,
} from '../../engine/index.ts';
import type { Frame } from '../../journal/index.ts';
import { samplesTable, seriesTable } from '../tables.ts';
import type { SeriesKey } from './series-key.ts';

export const DAY_MS = 86_400_000;

/** Frames of this version carry start times. */
const WITH_STARTS = 2;
const TWO_32 = 2 ** 32;

export function dayOf(timestamp: number): number {
  return Math.floor(timestamp / DAY_MS);
}

/** Memory for a payload of so many bytes, whatever stands in it. */
export type TakePayload = (bytes: number) => Uint8Array<ArrayBuffer>;

/** What a request collected, index by index one sample. */
export interface SampleColumns {
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** When the counting of each began; null when none says so. */
  readonly starts: Float64Array | null;
  /** The time of all of them; not a number when they differ. */
  readonly time: number;
}

/**
 * Some of a request's samples as packed rows. Their series are for the caller to write: row by row the hash of the metric from
 * `metricAt` on and the two words of the series from `seriesAt` on.
 */
export class SampleRows {
  readonly words: Uint32Array<ArrayBuffer>;
  readonly metricAt: number;
  readonly seriesAt: number;
  readonly #tenant: string;
  readonly #rows: number;
  readonly #started: boolean;
  readonly #writer: PackedWriter;

  /** `indices` are the rows' places in the columns, ascending. */
  constructor(tenant: string, columns: SampleColumns, indices: Uint32Array, take: TakePayload) {
    const { timestamps, values, starts, time } = columns;
    const rows = indices.length;
    const ofOneTime = time === time;
    this.#tenant = tenant;
    this.#rows = rows;
    this.#started = starts !== null;
    const columnWords = rows * (starts === null ? 5 : 7) + (ofOneTime ? 2 : rows * 2);
    const room = { columns: starts === null ? 4 : 5, columnWords };
    const writer = new PackedWriter(prefixOf(tenant), rows, room, take);
    this.#writer = writer;
    this.words = writer.words;
    this.metricAt = writer.each(1);
    this.seriesAt = writer.each(2);
    if (ofOneTime) writer.one(lowOf(time), highOf(time));
    else writeTimes(this.words, writer.each(2), timestamps, indices);
    writeValues(this.words, writer.each(2), values, indices);
    if (starts !== null) writeTimes(this.words, writer.each(2), starts, indices);
  }

  frame(day: number): Frame {
    return {
      table: samplesTable.name,
      schemaVersion: packed(this.#started ? WITH_STARTS : 1),
      tenant: this.#tenant,
      day,
      rows: this.#rows,
      payload: this.#writer.payload,
    };
  }
}

/** Times as 64-bit integers. */
function writeTimes(words: Uint32Array, start: number, times: Float64Array, indices: Uint32Array): void {
  for (let row = 0; row < indices.length; row++) {
    const time = times[indices[row]];
    words[start + row * 2] = lowOf(time);
    words[start + row * 2 + 1] = highOf(time);
  }
}

/** Values by their bits, so that a staleness marker stays itself. */
function writeValues(words: Uint32Array, start: number, values: Float64Array, indices: Uint32Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const rows = indices.length;
  if (rows > 0 && indices[rows - 1] - indices[0] === rows - 1) {
    words.set(bits.subarray(indices[0] * 2, (indices[0] + rows) * 2), start);
    return;
  }
  for (let row = 0; row < rows; row++) {
    words[start + row * 2] = bits[indices[row] * 2];
    words[start + row * 2 + 1] = bits[indices[row] * 2 + 1];
  }
}

function lowOf(value: number): number {
  return value - highOf(value) * TWO_32;
}

function highOf(value: number): number {
  return Math.floor(value / TWO_32);
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

function getInt64(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * TWO_32 + view.getUint32(at, true);
}

/** A row read back: `value` belongs to it only during the visit. Times in ms, start 0 for unknown. */
export interface SampleRow {
  readonly timestamp: number;
  readonly start: number;
  readonly value: Float64Array;
}

/** A frame's sample rows, read back at restart. Throws when packed ones are not whole, which their checksum says they are. */
export function readSampleRows(frame: Frame, visit: (key: SeriesKey, row: SampleRow) => void): void {
  if (!isPacked(frame.schemaVersion)) {
    readRows(frame, visit);
    return;
  }
  const { payload } = frame;
  const read = packedRows(payload, samplesTable, frame.schemaVersion);
  const [metric, series, ts, bits, began] = read?.columns ?? [];
  if (read === null || metric === undefined || series === undefined || ts === undefined || bits === undefined)
    throw new Error(`a frame of ${frame.rows} samples does not hold them`);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const value = new Float64Array(1);
  const words = new Uint32Array(value.buffer);
  for (let row = 0; row < read.rows; row++) {
    const key = {
      metric: view.getUint32(metric.at + row * metric.step, true),
      low: view.getUint32(series.at + row * series.step, true),
      high: view.getUint32(series.at + row * series.step + 4, true),
    };
    words[0] = view.getUint32(bits.at + row * bits.step, true);
    words[1] = view.getUint32(bits.at + row * bits.step + 4, true);
    const start = began === undefined ? 0 : getInt64(view, began.at + row * began.step);
    visit(key, { timestamp: getInt64(view, ts.at + row * ts.step), start, value });
  }
}

/** Metric, series, time and value; the tenant's text comes before them. */
const FIXED_BYTES = 4 + 8 + 8 + 8;
const START_BYTES = 8;

/** Frames that were written before rows were packed. */
function readRows(frame: Frame, visit: (key: SeriesKey, row: SampleRow) => void): void {
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

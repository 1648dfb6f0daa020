import { type ColumnBlock, type Engine, engineErrors, type Sql, sql, table } from '../../../engine/index.ts';
import { histogramsTable } from '../../tables.ts';
import { conditionOf, type EngineRead, hashRange, optionsOf, partsOf, tooMany } from '../engine-parts.ts';
import { KeyTable } from '../head/key-table.ts';
import type { RecordWindow } from '../head/record-columns.ts';
import { keyWords } from '../series-lookup.ts';
import { BLOB_START } from './codec.ts';

/** Bytes of an answer: half of the engine's result limit. */
const BYTES_PER_READ = 32 * 1024 * 1024;
/** What a row takes in an answer besides its blob, which crosses as base64. */
const ROW_BYTES = 48;
/** What a float sample takes in memory; a histogram counts as many samples as it takes their room. */
const SAMPLE_BYTES = 16;

/** Reads the native histograms of the given series, as one window per key or undefined where there is none. */
export async function readRecords(
  engine: Engine,
  request: EngineRead,
  signal?: AbortSignal,
): Promise<(RecordWindow | undefined)[]> {
  const wanted = new KeyTable();
  request.keys.forEach((key, i) => wanted.add(key, i + 1));
  const windows: (RecordWindow | undefined)[] = Array.from({ length: request.keys.length }, () => undefined);
  const options = optionsOf(request.tenant, signal);
  let left = request.maxSamples;
  for (const part of partsOf(request.keys)) {
    const where = conditionOf(part, request);
    const counted = await engine.query(
      sql`SELECT count() AS n, sum(length(blob)) AS bytes FROM ${table(histogramsTable)} WHERE ${where}`,
      options,
    );
    const rows = counted.numbers('n')[0] ?? 0;
    if (rows === 0) continue;
    const bytes = (counted.numbers('bytes')[0] ?? 0) * 1.4 + rows * ROW_BYTES;
    left -= bytes / SAMPLE_BYTES;
    if (left < 0) throw tooMany(request.maxSamples);
    const cuts = Math.ceil(bytes / BYTES_PER_READ);
    for (let cut = 0; cut < cuts; cut++) {
      const block = await engine.query(selectRecords(where, hashRange(cut, cuts)), options);
      takeRecords(block, wanted, windows);
    }
  }
  return windows;
}

function selectRecords(where: Sql, range: Sql): Sql {
  return sql`SELECT metric, series, groupArray(t) AS ts, groupArray(s) AS starts, groupArray(c) AS counts,
      groupArray(u) AS sums, groupArray(b) AS blobs
    FROM (
      SELECT metric, series, toFloat64(toUnixTimestamp64Milli(ts)) AS t, toFloat64(start) AS s, count AS c, sum AS u,
        base64Encode(blob) AS b
      FROM ${table(histogramsTable)} WHERE ${where}${range} ORDER BY metric, series, t)
    GROUP BY metric, series`;
}

function takeRecords(block: ColumnBlock, wanted: KeyTable, windows: (RecordWindow | undefined)[]): void {
  if (block.rows === 0) return;
  const metrics = block.numbers('metric');
  const words = keyWords(block.column('series'));
  const times = floatItems(block, 'ts');
  const starts = floatItems(block, 'starts');
  const counts = floatItems(block, 'counts');
  const sums = floatItems(block, 'sums');
  const { offsets, items } = block.array('blobs');
  if (items.kind !== 'string') throw engineErrors.make('badQuery', 'the blobs are no strings');
  let from = 0;
  for (let row = 0; row < block.rows; row++) {
    const to = offsets[row] ?? from;
    const index = wanted.get({ metric: metrics[row], low: words[row * 2], high: words[row * 2 + 1] });
    if (index > 0) {
      const order = risingOrder(times, from, to);
      windows[index - 1] = {
        timestamps: Float64Array.from(order, (i) => times[i]),
        starts: Float64Array.from(order, (i) => starts[i]),
        records: order.map((i) => recordOf(counts, sums, i, items.data[i] ?? '')),
      };
    }
    from = to;
  }
}

/** Indices by time, without repeated times: the engine does not promise an order within a group. */
function risingOrder(times: Float64Array, from: number, to: number): number[] {
  const order = Array.from({ length: to - from }, (_, i) => from + i);
  order.sort((a, b) => times[a] - times[b] || a - b);
  return order.filter((i, at) => at === 0 || times[order[at - 1] ?? i] !== times[i]);
}

/** Count and sum are copied as bytes, so that a NaN keeps its bits. */
function recordOf(counts: Float64Array, sums: Float64Array, i: number, blob: string): Uint8Array {
  const bytes = Buffer.from(blob, 'base64');
  const record = new Uint8Array(BLOB_START + bytes.length);
  record.set(new Uint8Array(counts.buffer, counts.byteOffset + i * 8, 8), 0);
  record.set(new Uint8Array(sums.buffer, sums.byteOffset + i * 8, 8), 8);
  record.set(bytes, BLOB_START);
  return record;
}

function floatItems(block: ColumnBlock, name: string): Float64Array {
  const { items } = block.array(name);
  if (items.kind !== 'float64') throw engineErrors.make('badQuery', `column ${name} is not Array(Float64)`);
  return items.data;
}

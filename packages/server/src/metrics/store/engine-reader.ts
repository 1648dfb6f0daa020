import {
  type Column,
  type ColumnBlock,
  dateTime64,
  type Engine,
  engineErrors,
  inList,
  MAX_LIST,
  type Sql,
  sql,
  table,
  tenant as tenantHole,
  uint64,
} from '../../engine/index.ts';
import { metricsErrors } from '../errors.ts';
import { samplesTable } from '../tables.ts';
import { KeyTable } from './head/key-table.ts';
import type { ColumnWindow } from './head/merge.ts';
import type { SeriesKey } from './series-key.ts';
import { keyWords } from './series-lookup.ts';

/** Samples per answer: 16 bytes each, well under the engine's 64 MB result limit. */
const SAMPLES_PER_READ = 2_000_000;
/** Below this many expected samples it is not worth counting first. */
const NO_COUNT_NEEDED = 200_000;

export interface EngineRead {
  readonly tenant: string;
  readonly keys: readonly SeriesKey[];
  /** Inclusive times in ms. */
  readonly from: number;
  readonly to: number;
  readonly maxSamples: number;
}

/** Samples older than the head, by key. */
export interface SampleHistory {
  /** One window per key, or undefined where there is none. */
  read(request: EngineRead, signal?: AbortSignal): Promise<readonly (ColumnWindow | undefined)[]>;
}

/** A part of a read: some metrics, and either a list of series or a range of the hash. */
interface Part {
  readonly metrics: readonly number[];
  /** Null: all series of the metrics. */
  readonly series: readonly bigint[] | null;
}

/**
 * Reads samples of the given series, as one window per key (or undefined where there is none). Lists of more than
 * 2,000 ids become the metric's range with the filter here; big reads are cut by hash range.
 */
export class EngineReader implements SampleHistory {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async read(request: EngineRead, signal?: AbortSignal): Promise<readonly (ColumnWindow | undefined)[]> {
    const wanted = new KeyTable();
    request.keys.forEach((key, i) => wanted.add(key, i + 1));
    const windows: (ColumnWindow | undefined)[] = Array.from(
      { length: request.keys.length },
      () => undefined,
    );
    let left = request.maxSamples;
    for (const part of partsOf(request.keys)) {
      const where = conditionOf(part, request);
      const count = await this.#count(where, part, request, signal);
      if (count > left && part.series !== null) throw tooMany(request.maxSamples);
      const cuts = Math.max(1, Math.ceil(count / SAMPLES_PER_READ));
      for (let cut = 0; cut < cuts; cut++) {
        const block = await this.#engine.query(
          selectSamples(where, hashRange(cut, cuts)),
          optionsOf(request.tenant, signal),
        );
        left -= takeWindows(block, wanted, windows);
        if (left < 0) throw tooMany(request.maxSamples);
      }
    }
    return windows;
  }

  async #count(where: Sql, part: Part, request: EngineRead, signal?: AbortSignal): Promise<number> {
    const seconds = (request.to - request.from) / 1000;
    if (part.series !== null && part.series.length * seconds < NO_COUNT_NEEDED) return 0;
    const block = await this.#engine.query(
      sql`SELECT count() AS n FROM ${table(samplesTable)} WHERE ${where}`,
      optionsOf(request.tenant, signal),
    );
    return block.numbers('n')[0] ?? 0;
  }
}

function tooMany(limit: number): Error {
  return metricsErrors.make(
    'tooManySamples',
    `query processing would load too many samples into memory in query execution (limit ${limit})`,
  );
}

function optionsOf(tenant: string, signal: AbortSignal | undefined) {
  return { purpose: 'metrics.samples', tenant, ...(signal === undefined ? {} : { signal }) };
}

function partsOf(keys: readonly SeriesKey[]): Part[] {
  const byMetric = new Map<number, bigint[]>();
  for (const key of keys) {
    let series = byMetric.get(key.metric);
    if (series === undefined) byMetric.set(key.metric, (series = []));
    series.push((BigInt(key.high) << 32n) | BigInt(key.low));
  }
  const parts: Part[] = [];
  let metrics: number[] = [];
  let series = new Set<bigint>();
  const flush = (): void => {
    if (metrics.length > 0) parts.push({ metrics, series: [...series] });
    metrics = [];
    series = new Set();
  };
  for (const [metric, ids] of byMetric) {
    if (ids.length > MAX_LIST) {
      parts.push({ metrics: [metric], series: null });
      continue;
    }
    // Metrics of one target share their label hashes, so the union grows slowly; rows of the product that
    // nobody asked for are dropped on arrival.
    const union = new Set([...series, ...ids]);
    if (union.size > MAX_LIST || metrics.length >= MAX_LIST) flush();
    metrics.push(metric);
    for (const id of ids) series.add(id);
  }
  flush();
  return parts;
}

function conditionOf(part: Part, request: EngineRead): Sql {
  const series = part.series === null ? sql`` : sql` AND series IN ${inList(part.series)}`;
  return sql`tenant = ${tenantHole} AND metric IN ${inList(part.metrics)}${series} AND ts >= ${dateTime64(request.from)} AND ts <= ${dateTime64(request.to)}`;
}

const WHOLE = 2n ** 64n;

/** The `cut`-th of `cuts` equal ranges of the label hash, as a further condition; nothing when there is only one. */
export function hashRange(cut: number, cuts: number): Sql {
  if (cuts === 1) return sql``;
  const width = WHOLE / BigInt(cuts);
  const from = width * BigInt(cut);
  if (cut === cuts - 1) return sql` AND series >= ${uint64(from)}`;
  return sql` AND series >= ${uint64(from)} AND series < ${uint64(from + width)}`;
}

function selectSamples(where: Sql, range: Sql): Sql {
  return sql`SELECT metric, series, groupArray(t) AS ts, groupArray(value) AS vs FROM (
      SELECT metric, series, toFloat64(toUnixTimestamp64Milli(ts)) AS t, value FROM ${table(samplesTable)}
      WHERE ${where}${range} ORDER BY metric, series, t)
    GROUP BY metric, series`;
}

/** Files the rows under their keys; answers how many samples came. */
function takeWindows(block: ColumnBlock, wanted: KeyTable, windows: (ColumnWindow | undefined)[]): number {
  if (block.rows === 0) return 0;
  const metrics = block.numbers('metric');
  const words = keyWords(block.column('series'));
  const times = arrayColumn(block.column('ts'));
  const values = arrayColumn(block.column('vs'));
  let from = 0;
  for (let row = 0; row < block.rows; row++) {
    const to = times.offsets[row] ?? from;
    const index = wanted.get({ metric: metrics[row], low: words[row * 2], high: words[row * 2 + 1] });
    if (index > 0) windows[index - 1] = orderedWindow(times.data, values.data, from, to);
    from = to;
  }
  return from;
}

function arrayColumn(column: Column): { offsets: Uint32Array; data: Float64Array } {
  if (column.kind !== 'array' || column.items.kind !== 'float64')
    throw engineErrors.make('badQuery', 'the samples columns are not Array(Float64)');
  return { offsets: column.offsets, data: column.items.data };
}

/** The engine does not promise the order within a group, and a repeated time is possible: both are put right here. */
function orderedWindow(
  timestamps: Float64Array,
  values: Float64Array,
  from: number,
  to: number,
): ColumnWindow {
  let rising = true;
  for (let i = from + 1; i < to && rising; i++) rising = timestamps[i] > timestamps[i - 1];
  if (rising) return { timestamps, values, from, to };
  const order = Array.from({ length: to - from }, (_, i) => from + i);
  order.sort((a, b) => timestamps[a] - timestamps[b] || a - b);
  const sorted = new Float64Array(order.length);
  const sortedValues = new Float64Array(order.length);
  let next = 0;
  for (const i of order) {
    if (next > 0 && sorted[next - 1] === timestamps[i]) continue;
    sorted[next] = timestamps[i];
    sortedValues.set(values.subarray(i, i + 1), next++);
  }
  return { timestamps: sorted, values: sortedValues, from: 0, to: next };
}

import {
  type Column,
  type ColumnBlock,
  type Engine,
  engineErrors,
  type Sql,
  sql,
  table,
} from '../../engine/index.ts';
import { samplesTable } from '../tables.ts';
import {
  conditionOf,
  type EngineRead,
  hashRange,
  optionsOf,
  type Part,
  partsOf,
  tooMany,
} from './engine-parts.ts';
import { KeyTable } from './head/key-table.ts';
import { mergeRich, type RichWindow, windowOfRecords } from './head/rich-window.ts';
import { readRecords } from './histograms/engine-records.ts';
import type { HistogramMetrics } from './histograms/known-metrics.ts';
import { keyWords } from './series-lookup.ts';

/** Samples per answer: 16 bytes each, well under the engine's 64 MB result limit. */
const SAMPLES_PER_READ = 2_000_000;
/** Below this many expected samples it is not worth counting first. */
const NO_COUNT_NEEDED = 200_000;

/** Samples older than the head, by key. */
export interface SampleHistory {
  /** One window per key, or undefined where there is none. */
  read(request: EngineRead, signal?: AbortSignal): Promise<readonly (RichWindow | undefined)[]>;
}

/**
 * Reads samples of the given series, as one window per key (or undefined where there is none). Lists of more than
 * 2,000 ids become the metric's range with the filter here; big reads are cut by hash range.
 */
export class EngineReader implements SampleHistory {
  readonly #engine: Engine;
  readonly #histogramMetrics: HistogramMetrics;

  constructor(engine: Engine, histogramMetrics: HistogramMetrics) {
    this.#engine = engine;
    this.#histogramMetrics = histogramMetrics;
  }

  async read(request: EngineRead, signal?: AbortSignal): Promise<readonly (RichWindow | undefined)[]> {
    const windows = await this.readFloats(request, signal);
    const { tenant } = request;
    const asked = [...request.keys.keys()].filter((i) => {
      const key = request.keys[i];
      return key !== undefined && this.#histogramMetrics.mayHave(tenant, key.metric);
    });
    if (asked.length === 0) return windows;
    const keys = asked.flatMap((i) => request.keys[i] ?? []);
    const found = await readRecords(this.#engine, { ...request, keys }, signal);
    for (const [at, records] of found.entries()) {
      if (records === undefined) continue;
      const i = asked[at] ?? 0;
      const histograms = windowOfRecords(records, request.starts);
      const floats = windows[i];
      windows[i] = floats === undefined ? histograms : mergeRich(floats, histograms);
    }
    return windows;
  }

  /** The float samples alone. */
  async readFloats(request: EngineRead, signal?: AbortSignal): Promise<(RichWindow | undefined)[]> {
    const wanted = new KeyTable();
    request.keys.forEach((key, i) => wanted.add(key, i + 1));
    const windows: (RichWindow | undefined)[] = Array.from({ length: request.keys.length }, () => undefined);
    let left = request.maxSamples;
    for (const part of partsOf(request.keys)) {
      const where = conditionOf(part, request);
      const count = await this.#count(where, part, request, signal);
      if (count > left && part.series !== null) throw tooMany(request.maxSamples);
      const cuts = Math.max(1, Math.ceil(count / SAMPLES_PER_READ));
      for (let cut = 0; cut < cuts; cut++) {
        const block = await this.#engine.query(
          selectSamples(where, hashRange(cut, cuts), request.starts),
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

function selectSamples(where: Sql, range: Sql, starts: boolean): Sql {
  const inner = starts ? sql`, toFloat64(start) AS start_ms` : sql``;
  const outer = starts ? sql`, groupArray(start_ms) AS starts` : sql``;
  return sql`SELECT metric, series, groupArray(t) AS ts, groupArray(value) AS vs${outer} FROM (
      SELECT metric, series, toFloat64(toUnixTimestamp64Milli(ts)) AS t, value${inner} FROM ${table(samplesTable)}
      WHERE ${where}${range} ORDER BY metric, series, t)
    GROUP BY metric, series`;
}

/** Files the rows under their keys; answers how many samples came. */
function takeWindows(block: ColumnBlock, wanted: KeyTable, windows: (RichWindow | undefined)[]): number {
  if (block.rows === 0) return 0;
  const metrics = block.numbers('metric');
  const words = keyWords(block.column('series'));
  const times = arrayColumn(block.column('ts'));
  const values = arrayColumn(block.column('vs'));
  const starts = block.names.includes('starts') ? arrayColumn(block.column('starts')).data : undefined;
  let from = 0;
  for (let row = 0; row < block.rows; row++) {
    const to = times.offsets[row] ?? from;
    const index = wanted.get({ metric: metrics[row], low: words[row * 2], high: words[row * 2 + 1] });
    const columns = {
      timestamps: times.data,
      values: values.data,
      ...(starts === undefined ? {} : { starts }),
    };
    if (index > 0) windows[index - 1] = orderedWindow({ ...columns, from, to });
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
function orderedWindow(window: RichWindow): RichWindow {
  const { timestamps, values, starts, from, to } = window;
  let rising = true;
  for (let i = from + 1; i < to && rising; i++) rising = timestamps[i] > timestamps[i - 1];
  if (rising) return window;
  const order = Array.from({ length: to - from }, (_, i) => from + i);
  order.sort((a, b) => timestamps[a] - timestamps[b] || a - b);
  const sorted = new Float64Array(order.length);
  const sortedValues = new Float64Array(order.length);
  const sortedStarts = starts === undefined ? undefined : new Float64Array(order.length);
  let next = 0;
  for (const i of order) {
    if (next > 0 && sorted[next - 1] === timestamps[i]) continue;
    sorted[next] = timestamps[i];
    if (sortedStarts !== undefined) sortedStarts[next] = starts?.[i] ?? 0;
    sortedValues.set(values.subarray(i, i + 1), next++);
  }
  const columns = { timestamps: sorted, values: sortedValues, from: 0, to: next };
  return sortedStarts === undefined ? columns : { ...columns, starts: sortedStarts };
}

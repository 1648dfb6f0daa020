import { type Engine, type Sql, sql, table } from '../../engine/index.ts';
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
import { eachWindow, selectWindows } from './engine-windows.ts';
import { KeyTable } from './head/key-table.ts';
import { mergeRich, type RichWindow, windowOfRecords } from './head/rich-window.ts';
import { readRecords } from './histograms/engine-records.ts';
import type { HistogramMetrics } from './histograms/known-metrics.ts';

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
          selectWindows(sql`${where}${hashRange(cut, cuts)}`, request.starts),
          optionsOf(request.tenant, signal),
        );
        left -= eachWindow(block, (key, window) => {
          const index = wanted.get(key);
          if (index > 0) windows[index - 1] = window;
        });
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

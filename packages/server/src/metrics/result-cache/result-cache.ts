import {
  type FloatMatrix,
  formatExpr,
  isStepwise,
  Labels,
  type MatrixSeries,
  type ParserOptions,
  parseExpr,
  type QueryEngine,
  QueryError,
  type QueryStats,
  type RangeQuery,
  type RangeResult,
} from '@pharos/promql';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../kernel/clock.ts';
import type { ChangeLog } from './change-log.ts';
import { cut, floatsOf, joined } from './grid-rows.ts';

/** An answer is computed afresh after this time: retention may have dropped what it was made of. */
const MOST_AGE_MS = 60 * 60_000;
/** Of a tenant's memory, what one answer may take. */
const LARGEST_SHARE = 1 / 4;
/** Texts whose syntax is remembered. */
const PARSED = 500;
/** Roughly what a series' labels and bookkeeping take, and an answer's own. */
const SERIES_BYTES = 250;
const ENTRY_BYTES = 500;

export interface ResultCacheDeps {
  readonly engine: QueryEngine;
  readonly changes: ChangeLog;
  readonly clock: Clock;
  /** As the engine has them. */
  readonly options: ParserOptions;
  /** Memory per tenant; 0 switches the cache off. */
  readonly bytes: number;
}

/** How the cache served a range query: all of it, its beginning, nothing; or the query is not for it. */
export type CacheOutcome = 'hit' | 'partial' | 'miss' | 'bypass';

export interface CachedRange {
  readonly result: RangeResult;
  readonly outcome: CacheOutcome;
  /** Steps that were not computed. */
  readonly cachedSteps: number;
}

/** An answer of some steps. */
interface Entry {
  /** The query as it was written: the positions in its infos are of this text. */
  readonly text: string;
  /** Time of the first step, ms. */
  readonly start: number;
  readonly matrix: FloatMatrix;
  readonly infos: readonly string[];
  /** What was there when it was computed. */
  readonly mark: number;
  /** When the oldest of its steps was computed. */
  readonly computedAt: number;
}

/** Whose samples a query reads, and whether buckets may stand for some. */
interface Reader {
  readonly tenant: string;
  readonly samplesOnly?: boolean;
}

/** A range query that the cache is for. */
interface Asked {
  readonly tenant: string;
  readonly key: string;
  readonly query: RangeQuery;
  readonly count: number;
}

/**
 * Keeps the answers of range queries and computes only the steps they lack at the end. What is kept is a step's value, and it
 * holds until a sample at or before that step becomes visible or is deleted, which the change log tells exactly; only queries
 * whose steps depend on nothing else are kept. Answers with warnings or histograms are not, nor those from buckets, which
 * stand for samples depending on how many are asked for.
 */
export class ResultCache {
  readonly #deps: ResultCacheDeps;
  readonly #tenants = new Map<string, LRUCache<string, Entry>>();
  /** The query in its one notation; empty for those that are not for the cache. */
  readonly #parsed = new LRUCache<string, string>({ max: PARSED });

  constructor(deps: ResultCacheDeps) {
    this.#deps = deps;
  }

  get bytes(): number {
    let bytes = 0;
    for (const entries of this.#tenants.values()) bytes += entries.calculatedSize;
    return bytes;
  }

  /** As `QueryEngine.range`. */
  async range({ tenant, samplesOnly = false }: Reader, query: RangeQuery): Promise<CachedRange> {
    const asked = this.#asked({ tenant, samplesOnly }, query);
    if (asked === undefined) return this.#whole(query, 'bypass');
    const { engine, changes, clock } = this.#deps;
    const known = this.#known(asked);
    const mark = changes.mark(tenant);
    const { start, step } = query;
    if (known === undefined) {
      const computed = await this.#whole(query, 'miss');
      const matrix = floatsOf(computed.result);
      if (matrix !== undefined)
        this.#keep(asked, computed.result, {
          text: query.query,
          start,
          matrix,
          infos: computed.result.infos,
          mark,
          computedAt: clock.now(),
        });
      return computed;
    }
    const { entry, steps } = known;
    const part = { matrix: entry.matrix, first: (start - entry.start) / step, steps };
    if (steps === asked.count) {
      const result = resultOf(asked, cut(part), { warnings: [], infos: entry.infos, stats: NOTHING_READ });
      return { result, outcome: 'hit', cachedSteps: steps };
    }
    const tail = await engine.range({ ...query, start: start + steps * step });
    const floats = floatsOf(tail);
    if (floats === undefined) return this.#whole(query, 'bypass');
    const matrix = joined(part, { matrix: floats, first: 0, steps: asked.count - steps });
    const infos = [...new Set([...entry.infos, ...tail.infos])];
    const result = resultOf(asked, matrix, { ...tail, infos });
    // A short look at the end of a long answer leaves the long one.
    if (asked.count * 2 >= entry.matrix.steps)
      this.#keep(asked, result, { ...entry, start, matrix, infos, mark, text: query.query });
    return { result, outcome: 'partial', cachedSteps: steps };
  }

  async #whole(query: RangeQuery, outcome: CacheOutcome): Promise<CachedRange> {
    return { result: await this.#deps.engine.range(query), outcome, cachedSteps: 0 };
  }

  /** Undefined where each step is not on its own, or the steps lie where no other query's would. */
  #asked({ tenant, samplesOnly }: Reader, query: RangeQuery): Asked | undefined {
    const { start, end, step } = query;
    if (this.#deps.bytes === 0 || !(step > 0) || !(end >= start)) return undefined;
    if (!Number.isInteger(step) || start % step !== 0) return undefined;
    const text = this.#notation(query.query);
    if (text === '') return undefined;
    const key = JSON.stringify([text, step, query.lookbackMs, samplesOnly]);
    return { tenant, key, query, count: Math.floor((end - start) / step) + 1 };
  }

  #notation(query: string): string {
    let text = this.#parsed.get(query);
    if (text !== undefined) return text;
    try {
      const expr = parseExpr(query, this.#deps.options);
      text = isStepwise(expr) ? formatExpr(expr) : '';
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      // The evaluation says what is wrong with it.
      text = '';
    }
    this.#parsed.set(query, text);
    return text;
  }

  /** The entry that holds the query's first step, and how many steps from there on still hold. */
  #known({
    tenant,
    key,
    query,
    count,
  }: Asked): { readonly entry: Entry; readonly steps: number } | undefined {
    const entry = this.#entriesOf(tenant).get(key);
    if (entry === undefined || query.start < entry.start) return undefined;
    if (this.#deps.clock.now() - entry.computedAt > MOST_AGE_MS) return undefined;
    if (entry.infos.length > 0 && entry.text !== query.query) return undefined;
    const { step, start } = query;
    const until = this.#deps.changes.unchangedBefore(tenant, entry.mark);
    const end = Math.min(entry.start + entry.matrix.steps * step, until);
    const steps = Math.min(count, Math.ceil((end - start) / step));
    return steps > 0 ? { entry, steps } : undefined;
  }

  #keep({ tenant, key }: Asked, { warnings, stats }: RangeResult, entry: Entry): void {
    if (warnings.length === 0 && stats.downsampled === 0) this.#entriesOf(tenant).set(key, entry);
  }

  #entriesOf(tenant: string): LRUCache<string, Entry> {
    let entries = this.#tenants.get(tenant);
    if (entries === undefined) {
      entries = new LRUCache<string, Entry>({
        maxSize: this.#deps.bytes,
        maxEntrySize: Math.max(1, Math.floor(this.#deps.bytes * LARGEST_SHARE)),
        sizeCalculation: sizeOf,
      });
      this.#tenants.set(tenant, entries);
    }
    return entries;
  }
}

const NOTHING_READ: QueryStats = {
  samplesRead: 0,
  peakSamples: 0,
  seriesRead: 0,
  pushedDown: 0,
  downsampled: 0,
};

function sizeOf({ matrix, infos, text }: Entry): number {
  const notes = infos.reduce((sum, info) => sum + info.length, 2 * text.length);
  // The whole buffers: a row that is not shown lies in them too.
  const cells = matrix.values.buffer.byteLength + matrix.present.buffer.byteLength;
  return ENTRY_BYTES + notes + cells + matrix.labels.sets.length * SERIES_BYTES;
}

/** A matrix as the answer of the query; series are made when they are asked for. */
function resultOf(
  { query, count }: Asked,
  matrix: FloatMatrix,
  { warnings, infos, stats }: Pick<RangeResult, 'warnings' | 'infos' | 'stats'>,
): RangeResult {
  const { labels, items, rows, steps, values, present } = matrix;
  let series: readonly MatrixSeries[] | undefined;
  return {
    type: 'matrix',
    grid: { start: query.start, step: query.step, count },
    get series() {
      series ??= Array.from(items, (item, i) => ({
        labels: labels.sets[item] ?? Labels.EMPTY,
        values: values.subarray(rows[i] * steps, (rows[i] + 1) * steps),
        present: present.subarray(rows[i] * steps, (rows[i] + 1) * steps),
      }));
      return series;
    },
    matrix,
    warnings,
    infos,
    stats,
  };
}

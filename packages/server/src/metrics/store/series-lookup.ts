import { Labels, type Matcher, METRIC_NAME } from '@pharos/promql';
import { LRUCache } from 'lru-cache';
import {
  type Column,
  type ColumnBlock,
  day,
  type Engine,
  engineErrors,
  identifier,
  inList,
  join,
  MAX_LIST,
  type Sql,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import { metricsErrors } from '../errors.ts';
import { seriesTable } from '../tables.ts';
import { keyText, type SeriesKey } from './series-key.ts';

/** A series as the engine's series table tells it. */
export interface StoredSeries {
  readonly key: SeriesKey;
  readonly labels: Labels;
}

export interface SeriesQuery {
  readonly tenant: string;
  readonly matchers: readonly Matcher[];
  /** UTC days, both inclusive. */
  readonly fromDay: number;
  readonly toDay: number;
  /** Anything cached under another generation may lack series. */
  readonly generation: number;
}

export type DaysQuery = Pick<SeriesQuery, 'tenant' | 'fromDay' | 'toDay'>;

/** The label sets of stored series. */
export interface SeriesDirectory {
  find(query: SeriesQuery, signal?: AbortSignal): Promise<readonly StoredSeries[]>;
  /** The label sets of known keys, of any day; unknown keys are left out. */
  byKeys(tenant: string, keys: readonly SeriesKey[], signal?: AbortSignal): Promise<readonly StoredSeries[]>;
  /** Distinct label names of all series of the days, or (given a name) its distinct values. */
  texts(query: DaysQuery, name: string | undefined, signal?: AbortSignal): Promise<readonly string[]>;
}

export interface SeriesLookupOptions {
  readonly engine: Engine;
  /** More matching series than this fail the query. */
  readonly maxSeries: number;
  /** Label sets kept over all cached answers. */
  readonly cachedSeries: number;
}

/** The expression of the series table's text index; the index is only used when it is spelled the same. */
const PAIRS = sql`arrayMap((k, v) -> concat(k, '=', v), mapKeys(labels), mapValues(labels))`;

/**
 * Finds stored series. The engine narrows by day, metric name and equality matchers; every matcher is then
 * checked here, so that patterns mean exactly what they mean over the head.
 */
export class SeriesLookup implements SeriesDirectory {
  readonly #options: SeriesLookupOptions;
  readonly #cache: LRUCache<string, readonly StoredSeries[]>;

  constructor(options: SeriesLookupOptions) {
    this.#options = options;
    this.#cache = new LRUCache({
      maxSize: options.cachedSeries,
      sizeCalculation: (found) => found.length + 1,
    });
  }

  async find(query: SeriesQuery, signal?: AbortSignal): Promise<readonly StoredSeries[]> {
    const condition = join(conditionsOf(query.matchers), ' AND ');
    const cacheKey = `${query.generation} ${query.fromDay} ${query.toDay} ${query.tenant}\u0000${condition.text}`;
    let found = this.#cache.get(cacheKey);
    if (found === undefined) {
      found = await this.#ask(query, condition, signal);
      this.#cache.set(cacheKey, found);
    }
    return found.filter(({ labels }) => query.matchers.every((m) => m.matches(labels.get(m.name))));
  }

  async byKeys(
    tenant: string,
    keys: readonly SeriesKey[],
    signal?: AbortSignal,
  ): Promise<readonly StoredSeries[]> {
    const wanted = new Set(keys.map(keyText));
    const ids = [...new Set(keys.map(({ low, high }) => (BigInt(high) << 32n) | BigInt(low)))];
    const found: StoredSeries[] = [];
    for (let at = 0; at < ids.length; at += MAX_LIST) {
      const block = await this.#options.engine.query(
        sql`SELECT metric, series, any(labels) AS set FROM ${table(seriesTable)}
          WHERE tenant = ${tenantHole} AND series IN ${inList(ids.slice(at, at + MAX_LIST))} GROUP BY metric, series`,
        { purpose: 'metrics.series', tenant, ...(signal === undefined ? {} : { signal }) },
      );
      found.push(...storedSeries(block).filter(({ key }) => wanted.has(keyText(key))));
    }
    return found;
  }

  async texts(query: DaysQuery, name: string | undefined, signal?: AbortSignal): Promise<readonly string[]> {
    const text = name === undefined ? sql`arrayJoin(mapKeys(labels))` : sql`labels[${name}]`;
    const block = await this.#options.engine.query(
      sql`SELECT DISTINCT ${text} AS text FROM ${table(seriesTable)}
        WHERE tenant = ${tenantHole} AND day BETWEEN ${day(query.fromDay)} AND ${day(query.toDay)}
        LIMIT ${this.#options.maxSeries}`,
      { purpose: 'metrics.series', tenant: query.tenant, ...(signal === undefined ? {} : { signal }) },
    );
    // A series without the label reads as the empty string.
    return block.strings('text').filter((found) => found !== '');
  }

  async #ask(query: SeriesQuery, condition: Sql, signal?: AbortSignal): Promise<readonly StoredSeries[]> {
    const limit = this.#options.maxSeries;
    const block = await this.#options.engine.query(
      sql`SELECT metric, series, any(labels) AS set FROM ${table(seriesTable)}
        WHERE tenant = ${tenantHole} AND day BETWEEN ${day(query.fromDay)} AND ${day(query.toDay)} AND ${condition}
        GROUP BY metric, series LIMIT ${limit + 1}`,
      { purpose: 'metrics.series', tenant: query.tenant, ...(signal === undefined ? {} : { signal }) },
    );
    if (block.rows > limit)
      throw metricsErrors.make('tooManySeries', `the matchers select more than ${limit} series`);
    return storedSeries(block);
  }
}

/** Rows of (metric, series, any(labels) AS set) as label sets with their keys. */
export function storedSeries(block: ColumnBlock): readonly StoredSeries[] {
  if (block.rows === 0) return [];
  const metrics = block.numbers('metric');
  const words = keyWords(block.column('series'));
  const labels = block.column('set');
  if (labels.kind !== 'map' || labels.keys.kind !== 'string' || labels.values.kind !== 'string')
    throw engineErrors.make('badQuery', 'the labels column is not a Map(String, String)');
  const names = labels.keys.data;
  const values = labels.values.data;
  const found: StoredSeries[] = [];
  let at = 0;
  for (let row = 0; row < block.rows; row++) {
    const pairs: (readonly [string, string])[] = [];
    for (const end = labels.offsets[row] ?? 0; at < end; at++)
      pairs.push([names[at] ?? '', values[at] ?? '']);
    found.push({
      key: { metric: metrics[row], low: words[row * 2], high: words[row * 2 + 1] },
      labels: Labels.fromPairs(pairs),
    });
  }
  return found;
}

/** The low and high words of a UInt64 column, in turn. */
export function keyWords(column: Column): Uint32Array {
  if (column.kind !== 'uint64') throw engineErrors.make('badQuery', 'the series column is not a UInt64');
  const { data } = column;
  return new Uint32Array(data.buffer, data.byteOffset, data.length * 2);
}

function conditionsOf(matchers: readonly Matcher[]): readonly Sql[] {
  const conditions: Sql[] = [sql`1`];
  for (const matcher of matchers) {
    if (matcher.matches('')) continue;
    const { literals } = matcher;
    if (matcher.name === METRIC_NAME && literals !== undefined && literals.length <= 100)
      conditions.push(sql`${identifier('name')} IN ${inList([...literals].sort())}`);
    else if (matcher.op === '=') conditions.push(sql`has(${PAIRS}, ${`${matcher.name}=${matcher.value}`})`);
  }
  return conditions;
}

import {
  acrossTenants,
  dateTime64,
  day,
  type Engine,
  type Sql,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import type { Log } from '../../kernel/log.ts';
import { histogramsTable, samplesTable, seriesTable } from '../tables.ts';
import type { MetricsTelemetry } from '../telemetry.ts';
import { hashRange } from './engine-parts.ts';
import { EngineReader } from './engine-reader.ts';
import type { Head } from './head/head.ts';
import { slotOf } from './head/series-pages.ts';
import { readRecords } from './histograms/engine-records.ts';
import type { HistogramMetrics } from './histograms/known-metrics.ts';
import type { KnownDays } from './known-days.ts';
import { LastHeard } from './last-heard.ts';
import { dayOf } from './rows.ts';
import { keyText, type SeriesKey } from './series-key.ts';
import { keyWords, type StoredSeries, storedSeries } from './series-lookup.ts';
import { yieldToLoop } from './yield.ts';

export interface LoadDeps {
  readonly head: Head;
  readonly engine: Engine;
  readonly knownDays: KnownDays;
  readonly histogramMetrics: HistogramMetrics;
  readonly telemetry: Pick<MetricsTelemetry, 'seriesLeftOut'>;
  readonly log: Log;
  readonly now: number;
  readonly windowMs: number;
  readonly futureMs: number;
}

/** Times that are loaded, ms, of so many samples in all: `end` is behind all of them. */
interface Span {
  readonly from: number;
  readonly end: number;
  readonly samples: number;
}

/** What the engine has of a time, by tenant. */
interface Stored {
  readonly samples: number;
  readonly newest: number;
  readonly tenants: readonly string[];
}

/** Series whose samples are read from the engine at once. */
const SERIES_PER_READ = 1_500;
/** Loading more would keep the server from being ready within seconds; older ones are asked of the engine. */
const MOST_SAMPLES = 4_000_000;
/** A window is not made smaller than this to load less: what lies in it, or ahead of the clock, is too much for any. */
const LEAST_WINDOW_MS = 1_000;
/** Label sets per answer; one is rarely over 1 KB. */
const SERIES_PER_PART = 50_000;
const KEYS_PER_PART = 2_000_000;
/** Of the limit of active series where not all fit; the rest is for those that come while what was loaded still counts. */
const LOADED_SHARE = 3 / 4;

/** The time from which on the head holds everything: minus infinity when the engine has no samples. */
export async function loadRecent(deps: LoadDeps, signal?: AbortSignal): Promise<number> {
  const { span, tenants } = await affordable(deps, signal);
  let floor = span.from;
  for (const tenant of tenants) floor = Math.max(floor, await loadTenant(deps, tenant, span, signal));
  return floor > span.from || (await hasOlder(deps, span.from, signal)) ? floor : Number.NEGATIVE_INFINITY;
}

async function affordable(
  deps: LoadDeps,
  signal?: AbortSignal,
): Promise<{ readonly span: Span; readonly tenants: readonly string[] }> {
  const { now, windowMs, futureMs, log } = deps;
  for (let window = windowMs; ; window /= 2) {
    const from = Math.floor(now - window);
    const { samples, newest, tenants } = await storedSince(deps, from, signal);
    const end = Math.max(newest, now + futureMs) + 1;
    if (samples <= MOST_SAMPLES) return { span: { from, end, samples }, tenants };
    if (window > LEAST_WINDOW_MS) continue;
    // Of a clock that was put back, as a rule. They are no use to anybody yet, and what is older is asked of the engine with them.
    log.warn(
      { samples, newest },
      'too many samples are ahead of the clock to be loaded; queries will ask the engine',
    );
    return { span: { from: end, end, samples: 0 }, tenants: [] };
  }
}

/** Samples at or after a time; a histogram counts as many as it takes the room of. */
async function storedSince(deps: LoadDeps, from: number, signal?: AbortSignal): Promise<Stored> {
  const since = sql`ts >= ${dateTime64(from)}`;
  const found = await deps.engine.query(
    sql`${acrossTenants}SELECT tenant, sum(rows) AS n, toFloat64(toUnixTimestamp64Milli(max(newest))) AS t FROM (
      SELECT tenant, count() AS rows, max(ts) AS newest FROM ${table(samplesTable)} WHERE ${since} GROUP BY tenant
      UNION ALL SELECT tenant, 10 * count() AS rows, max(ts) AS newest FROM ${table(histogramsTable)} WHERE ${since} GROUP BY tenant)
    GROUP BY tenant`,
    { purpose: 'metrics.restart', tenant: '', ...(signal === undefined ? {} : { signal }) },
  );
  return {
    samples: found.numbers('n').reduce((sum, n) => sum + n, 0),
    newest: found.numbers('t').reduce((newest, t) => Math.max(newest, t), Number.NEGATIVE_INFINITY),
    tenants: [...found.strings('tenant')],
  };
}

async function hasOlder(deps: LoadDeps, than: number, signal?: AbortSignal): Promise<boolean> {
  for (const stored of [samplesTable, histogramsTable]) {
    const older = await deps.engine.query(
      sql`${acrossTenants}SELECT count() AS n FROM (SELECT 1 FROM ${table(stored)} WHERE ts < ${dateTime64(than)} LIMIT 1)`,
      { purpose: 'metrics.restart', tenant: '', ...(signal === undefined ? {} : { signal }) },
    );
    if ((older.numbers('n')[0] ?? 0) > 0) return true;
  }
  return false;
}

/** Loads the series that were heard of last, as many as there is room for; answers from when on the head holds all of the tenant. */
async function loadTenant(deps: LoadDeps, tenant: string, span: Span, signal?: AbortSignal): Promise<number> {
  const { head, log, telemetry } = deps;
  const heard = await lastHeard(deps.engine, tenant, span, signal);
  const fits = heard.size <= head.seriesLimit;
  const after = heard.notFitting(fits ? heard.size : Math.floor(head.seriesLimit * LOADED_SHARE));
  const refs = new Set<number>();
  const refused = new Set<string>();
  for (const { d, rows } of await daysOf(deps.engine, tenant, span.from, signal)) {
    for await (const block of seriesOfDay(deps.engine, tenant, { d, rows }, signal)) {
      for (const { key, labels } of block) {
        if (!(heard.of(key) > after)) continue;
        const ref = head.resolve(tenant, labels);
        if (ref < 0) {
          refused.add(keyText(key));
          continue;
        }
        deps.knownDays.set(ref, d);
        refs.add(ref);
      }
    }
  }
  const all = [...refs];
  for (let at = 0; at < all.length; at += SERIES_PER_READ) {
    await loadSeries(deps, tenant, all.slice(at, at + SERIES_PER_READ), span, signal);
    await yieldToLoop();
  }
  const left = heard.upTo(after) + refused.size;
  if (left === 0) return span.from;
  telemetry.seriesLeftOut.inc(left);
  // Those that are left out have no sample behind this, so that the engine answers for all of theirs.
  const floor = refused.size > 0 ? span.end : Math.max(span.from, after + 1);
  log.warn(
    { tenant, loaded: refs.size, left, seriesLimit: head.seriesLimit, since: new Date(floor).toISOString() },
    'not all recent series fit into memory; those heard of last are there, and queries of a time before ask the engine',
  );
  return floor;
}

/** When the engine heard last of each series that it has samples of at or after a time. */
async function lastHeard(
  engine: Engine,
  tenant: string,
  { from, samples }: Span,
  signal?: AbortSignal,
): Promise<LastHeard> {
  const options = { purpose: 'metrics.restart', tenant, ...(signal === undefined ? {} : { signal }) };
  const since = sql`tenant = ${tenantHole} AND ts >= ${dateTime64(from)}`;
  const cuts = Math.max(1, Math.ceil(samples / KEYS_PER_PART));
  const heard = new LastHeard();
  for (let cut = 0; cut < cuts; cut++) {
    const among: Sql = sql`${since}${hashRange(cut, cuts)}`;
    const block = await engine.query(
      sql`SELECT metric, series, toFloat64(toUnixTimestamp64Milli(max(last))) AS t FROM (
          SELECT metric, series, max(ts) AS last FROM ${table(samplesTable)} WHERE ${among} GROUP BY metric, series
          UNION ALL SELECT metric, series, max(ts) AS last FROM ${table(histogramsTable)} WHERE ${among} GROUP BY metric, series)
        GROUP BY metric, series`,
      options,
    );
    if (block.rows === 0) continue;
    const words = keyWords(block.column('series'));
    const times = block.numbers('t');
    for (const [row, metric] of block.numbers('metric').entries())
      heard.add({ metric, low: words[row * 2], high: words[row * 2 + 1] }, times[row]);
    await yieldToLoop();
  }
  return heard;
}

async function loadSeries(
  deps: LoadDeps,
  tenant: string,
  refs: readonly number[],
  { from, end }: Span,
  signal?: AbortSignal,
): Promise<void> {
  const { head, engine, histogramMetrics } = deps;
  const keys = refs.map((ref) => keyOfRef(head, ref));
  const request = { tenant, keys, from, to: end - 1, maxSamples: Infinity, starts: true };
  const windows = await new EngineReader(engine, histogramMetrics).readFloats(request, signal);
  for (const [i, window] of windows.entries()) {
    if (window === undefined) continue;
    const ref = refs[i] ?? 0;
    for (let s = window.from; s < window.to; s++) {
      const start = window.starts?.[s] ?? 0;
      const timestamp = window.timestamps[s];
      if (start === 0) head.insert(ref, timestamp, window.values, s, 0);
      else head.insertStarted(ref, window.values, s, { timestamp, start, position: 0 });
    }
  }
  const rich = refs.filter((_, i) => histogramMetrics.mayHave(tenant, keys[i]?.metric ?? 0));
  if (rich.length === 0) return;
  const richKeys = rich.map((ref) => keyOfRef(head, ref));
  const records = await readRecords(engine, { ...request, keys: richKeys }, signal);
  for (const [i, window] of records.entries()) {
    if (window === undefined) continue;
    for (const [s, record] of window.records.entries()) {
      const at = { timestamp: window.timestamps[s], start: window.starts[s], position: 0 };
      head.insertRecord(rich[i] ?? 0, record, at);
    }
  }
}

interface SeriesDay {
  /** Days since the Unix epoch. */
  readonly d: number;
  readonly rows: number;
}

async function daysOf(
  engine: Engine,
  tenant: string,
  from: number,
  signal?: AbortSignal,
): Promise<readonly SeriesDay[]> {
  const found = await engine.query(
    sql`SELECT toFloat64(toInt32(day)) AS d, count() AS n FROM ${table(seriesTable)}
      WHERE tenant = ${tenantHole} AND day >= ${day(dayOf(from))} GROUP BY d ORDER BY d`,
    { purpose: 'metrics.restart', tenant, ...(signal === undefined ? {} : { signal }) },
  );
  const rows = found.numbers('n');
  return [...found.numbers('d')].map((d, i) => ({ d, rows: rows[i] ?? 0 }));
}

/**
 * A day's label sets in parts that fit the engine's result limit. Metric by metric: series that are read together then lie
 * together in memory, which makes a query over a thousand of them a fifth cheaper.
 */
async function* seriesOfDay(
  engine: Engine,
  tenant: string,
  { d, rows }: SeriesDay,
  signal?: AbortSignal,
): AsyncGenerator<readonly StoredSeries[]> {
  const cuts = Math.max(1, Math.ceil(rows / SERIES_PER_PART));
  for (let cut = 0; cut < cuts; cut++) {
    const block = await engine.query(
      sql`SELECT metric, series, any(labels) AS set FROM ${table(seriesTable)}
        WHERE tenant = ${tenantHole} AND day = ${day(d)}${hashRange(cut, cuts)} GROUP BY metric, series ORDER BY metric, series`,
      { purpose: 'metrics.restart', tenant, ...(signal === undefined ? {} : { signal }) },
    );
    yield storedSeries(block);
  }
}

function keyOfRef(head: Head, ref: number): SeriesKey {
  return head.pageOf(ref)?.keyAt(slotOf(ref)) ?? { metric: 0, low: 0, high: 0 };
}

import { day, type Engine, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { seriesTable } from '../tables.ts';
import type { MetricsTelemetry } from '../telemetry.ts';
import { hashRange } from './engine-parts.ts';
import { EngineReader } from './engine-reader.ts';
import type { Head } from './head/head.ts';
import { slotOf } from './head/series-pages.ts';
import { readRecords } from './histograms/engine-records.ts';
import type { HistogramMetrics } from './histograms/known-metrics.ts';
import type { KnownDays } from './known-days.ts';
import { hasOlder, type Span, type SpanDeps, spanToLoad } from './load-span.ts';
import { readLastHeard } from './read-last-heard.ts';
import { dayOf } from './rows.ts';
import { keyText, type SeriesKey } from './series-key.ts';
import { type StoredSeries, storedSeries } from './series-lookup.ts';
import { yieldToLoop } from './yield.ts';

export interface LoadDeps extends SpanDeps {
  readonly head: Head;
  readonly knownDays: KnownDays;
  readonly histogramMetrics: HistogramMetrics;
  readonly telemetry: Pick<MetricsTelemetry, 'seriesLeftOut'>;
}

/** Series whose samples are read from the engine at once. */
const SERIES_PER_READ = 1_500;
/** Label sets per answer; one is rarely over 1 KB. */
const SERIES_PER_PART = 50_000;
/** Of the limit of active series where not all fit; the rest is for those that come while what was loaded still counts. */
const LOADED_SHARE = 3 / 4;

/** The time from which on the head holds everything: minus infinity when the engine has no samples. */
export async function loadRecent(deps: LoadDeps, signal?: AbortSignal): Promise<number> {
  const { span, tenants } = await spanToLoad(deps, signal);
  let floor = span.from;
  for (const tenant of tenants) floor = Math.max(floor, await loadTenant(deps, tenant, span, signal));
  return floor > span.from || (await hasOlder(deps.engine, span.from, signal))
    ? floor
    : Number.NEGATIVE_INFINITY;
}

/** Loads the series that were heard of last, as many as there is room for; answers from when on the head holds all of the tenant. */
async function loadTenant(deps: LoadDeps, tenant: string, span: Span, signal?: AbortSignal): Promise<number> {
  const { head, log, telemetry } = deps;
  const heard = await readLastHeard(deps.engine, tenant, span, signal);
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

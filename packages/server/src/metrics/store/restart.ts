import {
  acrossTenants,
  dateTime64,
  day,
  type Engine,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import type { Frame, Journal, Position } from '../../journal/index.ts';
import type { Log } from '../../kernel/log.ts';
import { exemplarsTable, histogramsTable, samplesTable, seriesTable } from '../tables.ts';
import { hashRange } from './engine-parts.ts';
import { EngineReader } from './engine-reader.ts';
import type { ExemplarMemory } from './exemplars/memory.ts';
import { readExemplarRows } from './exemplars/rows.ts';
import type { Head } from './head/head.ts';
import { slotOf } from './head/series-pages.ts';
import { readRecords } from './histograms/engine-records.ts';
import type { HistogramMetrics } from './histograms/known-metrics.ts';
import { readHistogramRows } from './histograms/rows.ts';
import type { KnownDays } from './known-days.ts';
import { OrphanSamples } from './orphan-samples.ts';
import { dayOf, readSampleRows, readSeriesRows, type SampleRow } from './rows.ts';
import type { SeriesKey } from './series-key.ts';
import { type StoredSeries, storedSeries } from './series-lookup.ts';
import { yieldToLoop } from './yield.ts';

export interface RestartDeps {
  readonly head: Head;
  readonly journal: Journal;
  readonly engine: Engine;
  readonly knownDays: KnownDays;
  readonly histogramMetrics: HistogramMetrics;
  readonly exemplarMemory: ExemplarMemory;
  readonly log: Log;
  readonly now: number;
  readonly windowMs: number;
  readonly futureMs: number;
}

/** Series whose samples are read from the engine at once. */
const SERIES_PER_READ = 1_500;
/** Loading more would keep the server from being ready within seconds; older ones are asked of the engine. */
const MOST_SAMPLES = 4_000_000;
/** Label sets per answer; one is rarely over 1 KB. */
const SERIES_PER_PART = 50_000;

/**
 * Fills an empty head: first the recent samples of the engine, then the journal's unflushed frames. Without an engine
 * the head starts with the journal alone and a floor in the future: older samples are asked of the engine when it is back.
 * Answers the replayed samples whose labels only the engine knows.
 */
export async function refillHead(deps: RestartDeps, signal?: AbortSignal): Promise<OrphanSamples> {
  const { head, engine, now } = deps;
  head.raiseFloor(engine.state() === 'ready' ? await loadOrGiveUp(deps, signal) : now + deps.futureMs + 1);
  return await replayJournal(deps);
}

/** An engine that falters while it is read is as good as none: what was loaded is kept, and the engine asked for the rest. */
async function loadOrGiveUp(deps: RestartDeps, signal?: AbortSignal): Promise<number> {
  try {
    await loadHistogramMetrics(deps.engine, deps.histogramMetrics, signal);
    return await loadRecent(deps, signal);
  } catch (error) {
    signal?.throwIfAborted();
    deps.log.warn({ err: error }, 'the recent samples could not be loaded; queries will ask the engine');
    return deps.now + deps.futureMs + 1;
  }
}

/** The time from which on the head holds everything: minus infinity when the engine has no samples. */
async function loadRecent(deps: RestartDeps, signal?: AbortSignal): Promise<number> {
  const options = { purpose: 'metrics.restart', tenant: '', ...(signal === undefined ? {} : { signal }) };
  let from = deps.now - deps.windowMs;
  while ((await samplesSince(deps, from, signal)) > MOST_SAMPLES) from = deps.now - (deps.now - from) / 2;
  from = Math.floor(from);
  let anyOlder = false;
  const tenants = new Set<string>();
  for (const stored of [samplesTable, histogramsTable]) {
    const older = await deps.engine.query(
      sql`${acrossTenants}SELECT count() AS n FROM (SELECT 1 FROM ${table(stored)} WHERE ts < ${dateTime64(from)} LIMIT 1)`,
      options,
    );
    anyOlder ||= (older.numbers('n')[0] ?? 0) > 0;
    const recent = await deps.engine.query(
      sql`${acrossTenants}SELECT DISTINCT tenant FROM ${table(stored)} WHERE ts >= ${dateTime64(from)}`,
      options,
    );
    for (const tenant of recent.strings('tenant')) tenants.add(tenant);
  }
  for (const tenant of tenants) await loadTenant(deps, tenant, from, signal);
  return anyOlder ? from : Number.NEGATIVE_INFINITY;
}

/** Asks the engine which metrics have native histograms; until it has answered, every query asks for them. */
export async function loadHistogramMetrics(
  engine: Engine,
  metrics: HistogramMetrics,
  signal?: AbortSignal,
): Promise<void> {
  const found = await engine.query(
    sql`${acrossTenants}SELECT DISTINCT tenant, metric FROM ${table(histogramsTable)}`,
    { purpose: 'metrics.restart', tenant: '', ...(signal === undefined ? {} : { signal }) },
  );
  const tenants = found.strings('tenant');
  const hashes = found.numbers('metric');
  for (const [i, tenant] of tenants.entries()) metrics.add(tenant, hashes[i] ?? 0);
  metrics.complete = true;
}

/** Samples at or after a time; a histogram counts as many as it takes the room of. */
async function samplesSince(deps: RestartDeps, from: number, signal?: AbortSignal): Promise<number> {
  const counted = await deps.engine.query(
    sql`${acrossTenants}SELECT sum(rows) AS n FROM (
      SELECT count() AS rows FROM ${table(samplesTable)} WHERE ts >= ${dateTime64(from)}
      UNION ALL SELECT 10 * count() AS rows FROM ${table(histogramsTable)} WHERE ts >= ${dateTime64(from)})`,
    { purpose: 'metrics.restart', tenant: '', ...(signal === undefined ? {} : { signal }) },
  );
  return counted.numbers('n')[0] ?? 0;
}

async function loadTenant(
  deps: RestartDeps,
  tenant: string,
  from: number,
  signal?: AbortSignal,
): Promise<void> {
  const { head, now, futureMs } = deps;
  const refs = new Set<number>();
  for (let d = dayOf(from); d <= dayOf(now + futureMs); d++) {
    for await (const block of seriesOfDay(deps.engine, tenant, d, signal)) {
      for (const { labels } of block) {
        const ref = head.resolve(tenant, labels);
        if (ref < 0) continue;
        deps.knownDays.set(ref, d);
        refs.add(ref);
      }
    }
  }
  const all = [...refs];
  for (let at = 0; at < all.length; at += SERIES_PER_READ) {
    await loadSeries(deps, tenant, all.slice(at, at + SERIES_PER_READ), from, signal);
    await yieldToLoop();
  }
}

async function loadSeries(
  deps: RestartDeps,
  tenant: string,
  refs: readonly number[],
  from: number,
  signal?: AbortSignal,
): Promise<void> {
  const { head, now, futureMs, engine, histogramMetrics } = deps;
  const keys = refs.map((ref) => keyOfRef(head, ref));
  const request = { tenant, keys, from, to: now + futureMs, maxSamples: Infinity, starts: true };
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

/**
 * A day's label sets in parts that fit the engine's result limit. Metric by metric: series that are read together then lie
 * together in memory, which makes a query over a thousand of them a fifth cheaper.
 */
async function* seriesOfDay(
  engine: Engine,
  tenant: string,
  d: number,
  signal?: AbortSignal,
): AsyncGenerator<readonly StoredSeries[]> {
  const options = { purpose: 'metrics.restart', tenant, ...(signal === undefined ? {} : { signal }) };
  const where = sql`tenant = ${tenantHole} AND day = ${day(d)}`;
  const counted = await engine.query(
    sql`SELECT count() AS n FROM ${table(seriesTable)} WHERE ${where}`,
    options,
  );
  const cuts = Math.max(1, Math.ceil((counted.numbers('n')[0] ?? 0) / SERIES_PER_PART));
  for (let cut = 0; cut < cuts; cut++) {
    const block = await engine.query(
      sql`SELECT metric, series, any(labels) AS set FROM ${table(seriesTable)}
        WHERE ${where}${hashRange(cut, cuts)} GROUP BY metric, series ORDER BY metric, series`,
      options,
    );
    yield storedSeries(block);
  }
}

function keyOfRef(head: Head, ref: number): SeriesKey {
  return head.pageOf(ref)?.keyAt(slotOf(ref)) ?? { metric: 0, low: 0, high: 0 };
}

/** Frames come in the order they were acknowledged, a request's series rows before its samples. */
async function replayJournal(deps: RestartDeps): Promise<OrphanSamples> {
  const { head, journal, knownDays } = deps;
  const orphans = new OrphanSamples(head);
  await journal.replay((frame, position) => {
    if (frame.table === seriesTable.name) replaySeries(frame, head, knownDays);
    else if (frame.table === samplesTable.name) replaySamples(frame, position, head, orphans);
    else if (frame.table === histogramsTable.name) replayHistograms(frame, position, deps, orphans);
    else if (frame.table === exemplarsTable.name) replayExemplars(frame, position, deps, orphans);
  });
  return orphans;
}

function replaySeries(frame: Frame, head: Head, knownDays: KnownDays): void {
  readSeriesRows(frame, (labels) => {
    const ref = head.resolve(frame.tenant, labels);
    if (ref > 0) knownDays.set(ref, frame.day);
  });
}

function replaySamples(frame: Frame, position: Position, head: Head, orphans: OrphanSamples): void {
  readSampleRows(frame, (key, row) => {
    const ref = head.refOf(frame.tenant, key);
    if (ref > 0) showSample(head, ref, row, position);
    else {
      const kept = { ...row, value: row.value.slice() };
      orphans.add(frame.tenant, { key, show: (found) => showSample(head, found, kept, position) });
    }
  });
}

function showSample(
  head: Head,
  ref: number,
  { timestamp, start, value }: SampleRow,
  position: Position,
): void {
  if (start === 0) head.insert(ref, timestamp, value, 0, position);
  else head.insertStarted(ref, value, 0, { timestamp, start, position });
}

function replayHistograms(
  frame: Frame,
  position: Position,
  { head, histogramMetrics }: RestartDeps,
  orphans: OrphanSamples,
): void {
  readHistogramRows(frame, (key, { timestamp, start, record }) => {
    histogramMetrics.add(frame.tenant, key.metric);
    const show = (ref: number): void => {
      head.insertRecord(ref, record, { timestamp, start, position });
    };
    const ref = head.refOf(frame.tenant, key);
    if (ref > 0) show(ref);
    else orphans.add(frame.tenant, { key, show });
  });
}

function replayExemplars(
  frame: Frame,
  position: Position,
  { head, exemplarMemory }: RestartDeps,
  orphans: OrphanSamples,
): void {
  readExemplarRows(frame, (key, exemplar) => {
    const show = (ref: number): void => exemplarMemory.add(ref, exemplar, position);
    const ref = head.refOf(frame.tenant, key);
    if (ref > 0) show(ref);
    else orphans.add(frame.tenant, { key, show });
  });
}

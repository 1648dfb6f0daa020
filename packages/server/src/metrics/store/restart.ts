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
import { samplesTable, seriesTable } from '../tables.ts';
import { EngineReader, hashRange } from './engine-reader.ts';
import type { Head } from './head/head.ts';
import { slotOf } from './head/series-pages.ts';
import type { KnownDays } from './known-days.ts';
import { OrphanSamples } from './orphan-samples.ts';
import { dayOf, readSampleRows, readSeriesRows } from './rows.ts';
import type { SeriesKey } from './series-key.ts';
import { type StoredSeries, storedSeries } from './series-lookup.ts';
import { yieldToLoop } from './yield.ts';

export interface RestartDeps {
  readonly head: Head;
  readonly journal: Journal;
  readonly engine: Engine;
  readonly knownDays: KnownDays;
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
  const older = await deps.engine.query(
    sql`${acrossTenants}SELECT count() AS n FROM (SELECT 1 FROM ${table(samplesTable)} WHERE ts < ${dateTime64(from)} LIMIT 1)`,
    options,
  );
  const tenants = await deps.engine.query(
    sql`${acrossTenants}SELECT DISTINCT tenant FROM ${table(samplesTable)} WHERE ts >= ${dateTime64(from)}`,
    options,
  );
  for (const tenant of tenants.strings('tenant')) await loadTenant(deps, tenant, from, signal);
  return (older.numbers('n')[0] ?? 0) > 0 ? from : Number.NEGATIVE_INFINITY;
}

async function samplesSince(deps: RestartDeps, from: number, signal?: AbortSignal): Promise<number> {
  const counted = await deps.engine.query(
    sql`${acrossTenants}SELECT count() AS n FROM ${table(samplesTable)} WHERE ts >= ${dateTime64(from)}`,
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
  const reader = new EngineReader(deps.engine);
  const all = [...refs];
  for (let at = 0; at < all.length; at += SERIES_PER_READ) {
    const batch = all.slice(at, at + SERIES_PER_READ);
    const keys = batch.map((ref) => keyOfRef(head, ref));
    const windows = await reader.read(
      { tenant, keys, from, to: now + futureMs, maxSamples: Number.MAX_SAFE_INTEGER },
      signal,
    );
    for (const [i, window] of windows.entries()) {
      if (window === undefined) continue;
      for (let s = window.from; s < window.to; s++)
        head.insert(batch[i] ?? 0, window.timestamps[s], window.values, s, 0);
    }
    await yieldToLoop();
  }
}

/** A day's label sets in parts that fit the engine's result limit. */
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
        WHERE ${where}${hashRange(cut, cuts)} GROUP BY metric, series`,
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
  readSampleRows(frame, (key, timestamp, value) => {
    const ref = head.refOf(frame.tenant, key);
    if (ref > 0) head.insert(ref, timestamp, value, 0, position);
    else orphans.add(frame.tenant, { key, timestamp, value, position });
  });
}

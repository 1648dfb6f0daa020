import { acrossTenants, type Engine, sql, table } from '../../engine/index.ts';
import type { Frame, Journal, Position } from '../../journal/index.ts';
import { exemplarsTable, histogramsTable, samplesTable, seriesTable } from '../tables.ts';
import type { ExemplarMemory } from './exemplars/memory.ts';
import { readExemplarRows } from './exemplars/rows.ts';
import type { Head } from './head/head.ts';
import type { HistogramMetrics } from './histograms/known-metrics.ts';
import { readHistogramRows } from './histograms/rows.ts';
import type { KnownDays } from './known-days.ts';
import { type LoadDeps, loadRecent } from './load-recent.ts';
import { OrphanSamples } from './orphan-samples.ts';
import { readSampleRows, readSeriesRows, type SampleRow } from './rows.ts';

export interface RestartDeps extends LoadDeps {
  readonly journal: Journal;
  readonly exemplarMemory: ExemplarMemory;
}

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
    else orphans.addFloat(frame.tenant, key, row, position);
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
    else orphans.addRich(frame.tenant, key, { timestamp, position, show });
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
    // The engine is always asked for exemplars: memory answers for no time alone.
    else orphans.addRich(frame.tenant, key, { timestamp: Number.NEGATIVE_INFINITY, position, show });
  });
}

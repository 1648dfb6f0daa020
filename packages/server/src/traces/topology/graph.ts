import { asksTooMuch, type Engine, engineErrors, isFull } from '../../engine/index.ts';
import type { PendingRows } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import type { SpanChunk } from '../store/chunk.ts';
import { type EdgeFilter, EdgeSums, isBetween } from './edge.ts';
import { EdgeSpans } from './edge-spans.ts';
import {
  addStep,
  type CallSteps,
  type ComputedMinute,
  dayOf,
  insertMinutes,
  readEdges,
  readSteps,
  staleMinutes,
} from './edge-table.ts';
import { findEdges, MINUTE_MS } from './find-edges.ts';
import { CallMeasures, type MinuteCalls } from './minute-calls.ts';
import { PausedMinutes } from './paused-minutes.ts';
import { countSpans, edgeSpansInChunks, edgeSpansInEngine, type Minutes } from './read-spans.ts';
import { topologyTelemetry } from './telemetry.ts';

export interface SpanGraphDeps {
  readonly engine: Engine;
  readonly pending: PendingRows<SpanChunk>;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  /** Ms that a span may be old when it comes. */
  readonly acceptPast: number;
  /** Told of all calls of a minute each time its edges were stored. */
  readonly onMinute?: ((tenant: string, calls: MinuteCalls) => void) | undefined;
  readonly breathe: () => Promise<void>;
}

/** Callers are looked for so many minutes around. */
const NEIGHBOURS = 1;
const ROUND_MS = 30_000;
/** A minute is stored when its neighbours are over and the spans of them had this long to come. */
const SETTLE_MS = 10_000;
/** The spans of a called side come so long after the call began, if they come: services send what they have every few seconds. */
const ANSWER_MS = 15_000;
/** Minutes computed together. */
const MINUTES_PER_RUN = 10;
/** Spans worked on at once, at some 150 bytes; each share reads the ids of all of them in the engine again. */
const SPANS_PER_SHARE = 200_000;
/** A share as small as this is not divided once more where the engine has no room for it: it is hardly more than a trace. */
const MOST_SHARES = 65_536;
/** Where the engine is full a share is tried that much smaller, and no more: others may need what there is. */
const SHARES_OF_FULL = 4;
/** The newest minutes that an answer computes from their spans when they are not stored yet. */
const LIVE_MINUTES = 15;
/** Answers may be so old, in ms; more where computing takes long, so that at most a twentieth of the time goes into it. */
const LIVE_AGE_MS = 2000;
const LIVE_SHARE = 20;
const MOST_EDGES = 10_000;
/** Calls of so long ago are not measured again: what is late to them is counted in the graph alone. */
const MEASURED_MS = 15 * MINUTE_MS;
/** With more spans around it a time is not answered to the millisecond: at about 3 µs a span. */
const EXACT_SPANS = 100_000;

interface Live {
  readonly at: number;
  readonly tookMs: number;
  readonly minutes: ReadonlyMap<number, EdgeSums>;
}

/** How edges are computed. */
interface Computing {
  readonly signal?: AbortSignal | undefined;
  /** Measures the calls too. */
  readonly measures?: CallMeasures | undefined;
  /** Epoch ms, the second not included. */
  readonly within?: { readonly from: number; readonly to: number };
}

type CallsOf = ReadonlyMap<string, ReadonlySet<string>>;

/** Who called whom in the minutes from one on, when so many stores were done. */
interface KnownCalls {
  readonly from: number;
  readonly stores: number;
  readonly calls: CallsOf;
}

/** Who calls whom, by minute: kept by a job that computes each minute from its spans, again when more of them come. */
export class SpanGraph {
  readonly #deps: SpanGraphDeps;
  readonly #telemetry: ReturnType<typeof topologyTelemetry>;
  /** Minutes whose stored edges are not those of their spans, by tenant; with the number of the span that came last. */
  readonly #dirty = new Map<string, Map<number, number>>();
  readonly #paused: PausedMinutes;
  readonly #live = new Map<string, Promise<Live>>();
  /** What `storedCalls` read last, by tenant. */
  readonly #known = new Map<string, KnownCalls>();
  #marks = 0;
  #version = 0;
  /** How often edges were stored. */
  #stores = 0;
  /** The look for minutes that an earlier process left behind. */
  #reconciled: Promise<void> | null = null;
  #running: Promise<void> | null = null;
  #timer: Timer | null = null;
  #stopping = new AbortController();

  constructor(deps: SpanGraphDeps) {
    this.#deps = deps;
    this.#paused = new PausedMinutes(deps.clock);
    this.#telemetry = topologyTelemetry(deps.telemetry, () =>
      [...this.#dirty.values()].reduce((sum, minutes) => sum + minutes.size, 0),
    );
  }

  start(): void {
    this.#timer = this.#deps.clock.every(ROUND_MS, () => void this.round());
    void this.round();
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#stopping.abort();
    await this.#running;
  }

  /** Told of the spans that became durable. */
  stored({ tenant, ms, rows }: SpanChunk): void {
    let last = -1;
    for (let row = 0; row < rows; row++) {
      const minute = Math.floor(ms[row] / MINUTE_MS);
      if (minute === last) continue;
      last = minute;
      for (let near = minute - NEIGHBOURS; near <= minute + NEIGHBOURS; near++) this.#mark(tenant, near);
    }
  }

  #mark(tenant: string, minute: number): void {
    let minutes = this.#dirty.get(tenant);
    if (minutes === undefined) this.#dirty.set(tenant, (minutes = new Map<number, number>()));
    minutes.set(minute, ++this.#marks);
  }

  /** Computes and stores what is settled and not stored yet. Never rejects. */
  round(): Promise<void> {
    this.#running ??= this.#round()
      .catch((error: unknown) => {
        this.#telemetry.runs.inc({ outcome: 'failed' });
        if (engineErrors.is(error, 'gone') || this.#stopping.signal.aborted) return;
        this.#deps.log.warn(
          { err: error },
          'edges between services could not be stored; they are computed again',
        );
      })
      .finally(() => {
        this.#running = null;
      });
    return this.#running;
  }

  async #round(): Promise<void> {
    const { engine, clock } = this.#deps;
    if (engine.state() !== 'ready') return;
    await this.#reconcileOnce();
    const settled = Math.floor((clock.now() - SETTLE_MS) / MINUTE_MS) - NEIGHBOURS;
    // As they are now: one that is dirty again meanwhile is for the next round.
    const tenants = [...this.#dirty.keys()];
    for (const tenant of tenants)
      for (const minutes of runsOf(this.#dirtyIn(tenant, 0, settled)))
        await this.#storeOrPause(tenant, minutes);
  }

  /** What cannot be computed is looked for minute by minute and left alone for a while: no other waits for it. */
  async #storeOrPause(tenant: string, minutes: Minutes): Promise<void> {
    this.#stopping.signal.throwIfAborted();
    try {
      await this.#store(tenant, minutes);
      this.#telemetry.runs.inc({ outcome: 'ok' });
    } catch (error) {
      if (this.#stopping.signal.aborted || !isOfItself(error)) throw error;
      if (minutes.to - minutes.from > 1) {
        for (let minute = minutes.from; minute < minutes.to; minute++)
          await this.#storeOrPause(tenant, { from: minute, to: minute + 1 });
        return;
      }
      this.#telemetry.runs.inc({ outcome: 'failed' });
      const pauseMs = this.#paused.add(tenant, minutes.from);
      this.#deps.log.warn(
        { err: error, tenant, minute: new Date(minutes.from * MINUTE_MS).toISOString(), pauseMs },
        'the edges between services of a minute could not be computed; they are tried again later',
      );
    }
  }

  #reconcileOnce(): Promise<void> {
    this.#reconciled ??= this.#reconcile().catch((error: unknown) => {
      this.#reconciled = null;
      throw error;
    });
    return this.#reconciled;
  }

  async #reconcile(): Promise<void> {
    const { engine, clock, acceptPast } = this.#deps;
    const since = Math.max(0, clock.now() - acceptPast);
    const { stale, version } = await staleMinutes(engine, since, this.#stopping.signal);
    this.#version = Math.max(this.#version, version);
    for (const [tenant, minutes] of stale) for (const minute of minutes) this.#mark(tenant, minute);
  }

  /** The dirty minutes of a tenant from one on and before another, in order, but those that are left alone. */
  #dirtyIn(tenant: string, from: number, to: number): number[] {
    return [...(this.#dirty.get(tenant)?.keys() ?? [])]
      .filter((minute) => minute >= from && minute < to && !this.#paused.has(tenant, minute))
      .sort((a, b) => a - b);
  }

  async #store(tenant: string, minutes: Minutes): Promise<void> {
    const { engine, clock } = this.#deps;
    const dirty = this.#dirty.get(tenant);
    const marks = new Map(dirty);
    const isMeasured =
      this.#deps.onMinute !== undefined && minutes.to * MINUTE_MS > clock.now() - MEASURED_MS;
    const measures = isMeasured ? new CallMeasures() : undefined;
    const { edges, seen } = await this.#compute(tenant, minutes, {
      signal: this.#stopping.signal,
      measures,
    });
    this.#version = Math.max(this.#version + 1, clock.now());
    const byDay = new Map<number, ComputedMinute[]>();
    for (let minute = minutes.from; minute < minutes.to; minute++) {
      const all = [...(edges.get(minute)?.values() ?? [])];
      const kept =
        all.length <= MOST_EDGES ? all : all.sort((a, b) => b.calls - a.calls).slice(0, MOST_EDGES);
      this.#telemetry.dropped.inc(all.length - kept.length);
      const day = dayOf(minute);
      const computed = { minute, version: this.#version, seen: seen(minute), edges: kept };
      byDay.set(day, [...(byDay.get(day) ?? []), computed]);
    }
    for (const [day, computed] of byDay) {
      await insertMinutes(engine, tenant, day, computed);
      this.#stores++;
    }
    for (let minute = minutes.from; minute < minutes.to; minute++) {
      this.#paused.delete(tenant, minute);
      if (dirty?.get(minute) === marks.get(minute)) dirty?.delete(minute);
    }
    if (dirty?.size === 0) this.#dirty.delete(tenant);
    for (const calls of measures?.minutes() ?? []) this.#deps.onMinute?.(tenant, calls);
  }

  /** The edges of some minutes from their spans, in memory and engine; memory first: what is flushed meanwhile is found twice, never missed. */
  async #compute(
    tenant: string,
    minutes: Minutes,
    { signal, measures, within = millisOf(minutes) }: Computing = {},
  ) {
    const { engine, pending, breathe, clock } = this.#deps;
    const around = aroundOf(minutes);
    const openFrom = clock.now() - ANSWER_MS;
    const waiting = pending.rows + (await countSpans(engine, tenant, around, signal));
    const few = Math.max(1, Math.ceil(waiting / SPANS_PER_SHARE));
    const shares = Array.from({ length: few }, (_, part) => ({ part, of: few }));
    const edges = new Map<number, EdgeSums>();
    const spansOf = new Map<number, number>();
    for (let share = shares.pop(); share !== undefined; share = shares.pop()) {
      const spans = new EdgeSpans();
      await edgeSpansInChunks(pending.of(tenant), { around, share }, spans, breathe);
      try {
        await edgeSpansInEngine({ engine, breathe }, tenant, { around, share, signal }, spans);
      } catch (error) {
        const most = isFull(error) ? few * SHARES_OF_FULL : MOST_SHARES;
        if (!asksTooMuch(error) || share.of >= most) throw error;
        const { part, of } = share;
        shares.push({ part, of: of * 2 }, { part: part + of, of: of * 2 });
        continue;
      }
      const found = await findEdges(spans, { ...within, openFrom }, breathe, measures);
      for (const [minute, count] of found.spans) spansOf.set(minute, (spansOf.get(minute) ?? 0) + count);
      for (const [minute, sums] of found.edges) {
        let all = edges.get(minute);
        if (all === undefined) edges.set(minute, (all = new EdgeSums()));
        for (const edge of sums.values()) all.add(edge);
      }
      await breathe();
    }
    const seen = (minute: number): number =>
      [minute - 1, minute, minute + 1].reduce((sum, near) => sum + (spansOf.get(near) ?? 0), 0);
    return { edges, seen };
  }

  /** The edges of some minutes, what was acknowledged in the last seconds included. */
  async read(tenant: string, minutes: Minutes, signal?: AbortSignal): Promise<EdgeSums> {
    const live = await this.#unstored(tenant, minutes);
    const sums = await readEdges(this.#deps.engine, tenant, minutes, [...live.keys()], signal);
    for (const edges of live.values()) for (const edge of edges.values()) sums.add(edge);
    return sums;
  }

  /**
   * Which services each service called in some minutes up to now, as far as it is stored: a cheap look that computes nothing, and asks the
   * engine once a minute at most while nothing is stored; where there was nothing, not at all.
   */
  async storedCalls(tenant: string, minutes: Minutes): Promise<CallsOf> {
    const known = this.#known.get(tenant);
    const same = known?.stores === this.#stores && known.from <= minutes.from;
    if (same && (known.from === minutes.from || known.calls.size === 0)) return known.calls;
    const stores = this.#stores;
    const calls = new Map<string, Set<string>>();
    for (const { caller, callee, type } of (
      await readEdges(this.#deps.engine, tenant, minutes, [])
    ).values()) {
      if (type !== 'service') continue;
      const called = calls.get(caller);
      if (called === undefined) calls.set(caller, new Set([callee]));
      else called.add(callee);
    }
    this.#known.set(tenant, { from: minutes.from, stores, calls });
    return calls;
  }

  /** The calls along some edges by steps of so many minutes, counted from the first minute. */
  async readSteps(
    tenant: string,
    asked: Minutes & { readonly step: number; readonly between: EdgeFilter },
    signal?: AbortSignal,
  ): Promise<CallSteps> {
    const live = await this.#unstored(tenant, asked);
    const steps = await readSteps(this.#deps.engine, tenant, asked, [...live.keys()], signal);
    for (const [minute, edges] of live)
      for (const edge of edges.values())
        if (isBetween(asked.between, edge))
          addStep(steps, Math.floor((minute - asked.from) / asked.step), edge);
    return steps;
  }

  /** The edges between two times (epoch ms, the second not included) to the millisecond; null where that would take too long. */
  async readExactly(
    tenant: string,
    { from, to }: { readonly from: number; readonly to: number },
    signal?: AbortSignal,
  ): Promise<EdgeSums | null> {
    const { engine, pending } = this.#deps;
    const minutes = { from: Math.floor(from / MINUTE_MS), to: Math.ceil(to / MINUTE_MS) };
    if (pending.rows + (await countSpans(engine, tenant, aroundOf(minutes), signal)) > EXACT_SPANS)
      return null;
    const { edges } = await this.#compute(tenant, minutes, { signal, within: { from, to } });
    const sums = new EdgeSums();
    for (const minute of edges.values()) for (const edge of minute.values()) sums.add(edge);
    return sums;
  }

  /** The edges of those minutes that are not stored yet. */
  async #unstored(tenant: string, minutes: Minutes): Promise<ReadonlyMap<number, EdgeSums>> {
    await this.#reconcileOnce();
    const newest = this.#dirtyIn(tenant, minutes.from, minutes.to).slice(-LIVE_MINUTES);
    if (newest.length === 0) return new Map();
    const live = await this.#recent(tenant, newest);
    const unstored = new Map<number, EdgeSums>();
    for (const minute of newest) {
      const edges = live.minutes.get(minute);
      // Only what is still not stored: the stored edges of a minute are newer than its live ones.
      if (edges !== undefined && this.#dirty.get(tenant)?.has(minute)) unstored.set(minute, edges);
    }
    return unstored;
  }

  async #recent(tenant: string, wanted: readonly number[]): Promise<Live> {
    const { clock } = this.#deps;
    const known = await this.#live.get(tenant)?.catch(() => undefined);
    if (known !== undefined) {
      const age = clock.monotonic() - known.at;
      const fresh = age < Math.max(LIVE_AGE_MS, known.tookMs * LIVE_SHARE);
      if (fresh && wanted.every((minute) => known.minutes.has(minute))) return known;
    }
    const computing = this.#computeLive(tenant, wanted);
    this.#live.set(tenant, computing);
    return computing;
  }

  async #computeLive(tenant: string, wanted: readonly number[]): Promise<Live> {
    const { clock } = this.#deps;
    const at = clock.monotonic();
    const minutes = new Map<number, EdgeSums>();
    for (const { from, to } of runsOf(wanted)) {
      const { edges } = await this.#compute(tenant, { from, to });
      for (let minute = from; minute < to; minute++) minutes.set(minute, edges.get(minute) ?? new EdgeSums());
    }
    return { at, tookMs: clock.monotonic() - at, minutes };
  }
}

/** TIMEOUT_EXCEEDED. */
const TOO_SLOW = 159;

/** Whether a failure is of what was asked for, and not of the engine's state, in which any other would fail too. */
function isOfItself(error: unknown): boolean {
  if (engineErrors.is(error, 'resource'))
    return (asksTooMuch(error) && !isFull(error)) || error.details?.['code'] === TOO_SLOW;
  return !(
    engineErrors.is(error, 'gone') ||
    engineErrors.is(error, 'retryable') ||
    engineErrors.is(error, 'canceled')
  );
}

function millisOf({ from, to }: Minutes): { readonly from: number; readonly to: number } {
  return { from: from * MINUTE_MS, to: to * MINUTE_MS };
}

/** Minutes with those in which callers of their spans may have begun. */
function aroundOf({ from, to }: Minutes): Minutes {
  return { from: from - NEIGHBOURS, to: to + NEIGHBOURS };
}

/** Minutes in order as ranges without gaps, none too long. */
function runsOf(minutes: readonly number[]): Minutes[] {
  const runs: { from: number; to: number }[] = [];
  for (const minute of minutes) {
    const last = runs.at(-1);
    if (last?.to === minute && minute - last.from < MINUTES_PER_RUN) last.to++;
    else runs.push({ from: minute, to: minute + 1 });
  }
  return runs;
}

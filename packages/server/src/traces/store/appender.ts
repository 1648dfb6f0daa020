import { type Beside, DayChunks, type DurableRows, type PendingRows } from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Refusals } from '../../kernel/refusals.ts';
import { nanosToMillis } from '../../kernel/wire/protobuf.ts';
import type { TracesConfig } from '../config.ts';
import { tracesErrors } from '../errors.ts';
import {
  ID_OFFSET,
  type RefusalReason,
  type SourceRef,
  type SpanAppender,
  type SpanDraft,
  type SpanRefusal,
  type SpanReport,
  type SpanSource,
} from '../sink.ts';
import type { TracesTelemetry } from '../telemetry.ts';
import { ChunkWriter, type SpanChunk } from './chunk.ts';
import { type Operation, type Operations, operationFrame } from './operations.ts';
import { type KnownSource, type Sources, sourceFrames } from './sources.ts';

export interface AppenderDeps {
  readonly sources: Sources;
  readonly operations: Operations;
  readonly pending: PendingRows<SpanChunk>;
  readonly rows: DurableRows<SpanChunk>;
  readonly clock: Clock;
  readonly config: TracesConfig;
  readonly telemetry: TracesTelemetry;
  /** Told of each source whose spans became durable, with the first and the last start of them in epoch ms. */
  readonly onSource?: ((tenant: string, source: KnownSource, times: Times) => void) | undefined;
}

/** When the spans of a source began, the first and the last one. */
export interface Times {
  from: number;
  to: number;
}

const DAY_MS = 86_400_000;
const TWO_32 = 2 ** 32;
const RETRY_AFTER_SECONDS = 2;
const LAST_KIND = 5;
const LAST_STATUS = 2;

/**
 * Collects one request's spans as rows, then makes them durable and visible: door rules, rows, one journal append, memory. A span that
 * is there already is not stored again; one whose twin is on its way waits for what becomes of it.
 */
export class StoreAppender implements SpanAppender {
  readonly #deps: AppenderDeps;
  readonly #tenant: string;
  readonly #oldest: number;
  readonly #newest: number;
  readonly #chunks: DayChunks<SpanChunk, ChunkWriter>;
  readonly #sources = new Set<KnownSource>();
  readonly #times = new Map<KnownSource, Times>();
  /** Operations without a row, by day and then by service, kind and name. */
  readonly #operations = new Map<number, Map<string, Operation>>();
  readonly #refused = new Refusals<RefusalReason>();

  constructor(deps: AppenderDeps, tenant: string) {
    this.#deps = deps;
    this.#tenant = tenant;
    this.#chunks = new DayChunks((day) => new ChunkWriter(tenant, day));
    const now = deps.clock.now();
    this.#oldest = Math.max(0, now - deps.config.accept_past);
    this.#newest = now + deps.config.accept_future;
    if (deps.pending.bytes > deps.config.pending_memory)
      throw tracesErrors.make(
        'busy',
        `${deps.pending.bytes} bytes of spans wait for the engine, at most ${deps.config.pending_memory} may`,
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      );
  }

  source(source: SpanSource): SourceRef | SpanRefusal {
    const { sources, clock, config } = this.#deps;
    const known = sources.resolve(this.#tenant, source, clock.now());
    if (known === 'count')
      return {
        reason: 'source_limit',
        message: `tenant "${this.#tenant}" has its limit of ${config.source_limit} resources with scopes`,
      };
    if (known === 'memory')
      return {
        reason: 'source_limit',
        message: `resources with scopes take ${sources.bytes} bytes, at most ${config.source_memory} may (traces.source_memory)`,
      };
    if (!this.#sources.has(known)) {
      this.#sources.add(known);
      known.inFlight++;
    }
    return known.ref;
  }

  append(ref: SourceRef, span: SpanDraft): void {
    const source = this.#deps.sources.of(ref);
    const refusal: SpanRefusal | null =
      source === undefined ? { reason: 'source_limit', message: 'the source is gone' } : this.#problem(span);
    if (refusal !== null) this.refuse(refusal);
    else if (source !== undefined) this.#write(source, span);
  }

  #write(source: KnownSource, span: SpanDraft): void {
    const ms = nanosToMillis(span.startHigh, span.startLow);
    const day = Math.floor(ms / DAY_MS);
    if (span.kind > LAST_KIND) span.kind = 0;
    if (span.status > LAST_STATUS) span.status = 0;
    this.#chunks.writer(day).add(span, source, durationOf(span));
    this.#noteOperation(day, source.service, span);
    this.#noteTime(source, ms);
  }

  #noteTime(source: KnownSource, ms: number): void {
    const times = this.#times.get(source);
    if (times === undefined) this.#times.set(source, { from: ms, to: ms });
    else if (ms < times.from) times.from = ms;
    else if (ms > times.to) times.to = ms;
  }

  #noteOperation(day: number, service: string, { name, kind }: SpanDraft): void {
    const operation = { service, name, kind };
    if (!this.#deps.operations.isNew(this.#tenant, day, operation)) return;
    let ofDay = this.#operations.get(day);
    if (ofDay === undefined) this.#operations.set(day, (ofDay = new Map<string, Operation>()));
    if (ofDay.size < this.#deps.config.operation_limit) ofDay.set(`${service}\n${kind}\n${name}`, operation);
  }

  async commit(): Promise<SpanReport> {
    const { rows, telemetry } = this.#deps;
    try {
      const { stored, duplicates } = await rows.store(this.#chunks.take(), (fresh) => this.#beside(fresh));
      telemetry.spans.inc({ result: 'stored' }, stored);
      telemetry.spans.inc({ result: 'duplicate' }, duplicates);
      if (stored > 0)
        for (const [source, times] of this.#times) this.#deps.onSource?.(this.#tenant, source, times);
      return { stored, duplicates, refused: this.#refused.list() };
    } finally {
      this.rollback();
    }
  }

  rollback(): void {
    for (const source of this.#sources) source.inFlight--;
    this.#sources.clear();
    this.#times.clear();
    this.#operations.clear();
    this.#chunks.clear();
  }

  /** The rows of sources and operations that have none yet. */
  #beside(fresh: readonly SpanChunk[]): Beside {
    if (fresh.length === 0) return { frames: [] };
    const { operations } = this.#deps;
    const tenant = this.#tenant;
    const { frames, known } = sourceFrames(tenant, new Set(fresh.map(({ day }) => day)), this.#sources);
    const named = [...this.#operations].map(([day, ofDay]) => operationFrame(tenant, day, ofDay.values()));
    return {
      frames: [...frames, ...named],
      stored: () => {
        for (const [source, day] of known) source.days.add(day);
        for (const [day, ofDay] of this.#operations)
          for (const operation of ofDay.values()) operations.add(tenant, day, operation);
      },
    };
  }

  #problem(span: SpanDraft): SpanRefusal | null {
    const { config } = this.#deps;
    if (isZero(span.ids, ID_OFFSET.trace, ID_OFFSET.span))
      return { reason: 'bad_id', message: `traceId of span ${shown(span.name)} is all zeros` };
    if (isZero(span.ids, ID_OFFSET.span, ID_OFFSET.parent))
      return { reason: 'bad_id', message: `spanId of span ${shown(span.name)} is all zeros` };
    const ms = nanosToMillis(span.startHigh, span.startLow);
    if (ms < this.#oldest)
      return {
        reason: 'too_old',
        message: `span ${shown(span.name)} began ${isoOf(ms)}, before ${isoOf(this.#oldest)}`,
      };
    if (ms > this.#newest)
      return {
        reason: 'too_far_ahead',
        message: `span ${shown(span.name)} began ${isoOf(ms)}, later than ${isoOf(this.#newest)}`,
      };
    if (span.attributes.count > config.max_attributes)
      return {
        reason: 'too_many_attributes',
        message: `span ${shown(span.name)} has ${span.attributes.count} attributes, expected at most ${config.max_attributes}`,
      };
    const bytes = bytesOf(span);
    if (bytes > config.max_span)
      return {
        reason: 'span_too_large',
        message: `span ${shown(span.name)} has ${bytes} bytes, expected at most ${config.max_span}`,
      };
    return null;
  }

  refuse(refusal: SpanRefusal): void {
    this.#refused.add(refusal);
    this.#deps.telemetry.refused.inc({ reason: refusal.reason });
  }
}

/** Nanoseconds; 0 for a span that ends before it begins, as a clock that was set back makes it, or that has no end. */
export function durationOf({ startLow, startHigh, endLow, endHigh }: SpanDraft): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, (endHigh - startHigh) * TWO_32 + (endLow - startLow)));
}

function bytesOf(span: SpanDraft): number {
  return (
    span.name.length +
    span.statusMessage.length +
    span.traceState.length +
    span.attributes.pairs.length +
    span.events.bytes.length +
    span.links.bytes.length
  );
}

function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}

function isoOf(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

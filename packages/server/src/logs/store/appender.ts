import type { Labels } from '@pharos/promql';
import type { Beside, DurableRows, Frame } from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Refusals } from '../../kernel/refusals.ts';
import type { LogsConfig } from '../config.ts';
import type { DecodedLines } from '../decode/decoded.ts';
import { logsErrors } from '../errors.ts';
import type { LineRefusal, LogAppender, LogLine, LogReport, RefusalReason, StreamRef } from '../sink.ts';
import type { LogsTelemetry } from '../telemetry.ts';
import { type LineChunk, rowsOfStream, without } from './chunk.ts';
import type { LogHasher } from './hasher.ts';
import { LineRows } from './line-rows.ts';
import type { PendingLines } from './memory.ts';
import { streamFrames } from './stream-rows.ts';
import { type Stream, type Streams, tooManyStreams, withServiceName } from './streams.ts';

export interface AppenderDeps {
  readonly streams: Streams;
  readonly hasher: LogHasher;
  readonly pending: PendingLines;
  readonly rows: DurableRows<LineChunk>;
  readonly clock: Clock;
  readonly config: LogsConfig;
  readonly telemetry: LogsTelemetry;
}

const RETRY_AFTER_SECONDS = 1;

/**
 * Collects one request's lines as rows, then makes them durable and visible: door rules, rows, one journal append, memory. A line that
 * is there already is not stored again; one whose twin is on its way waits for what becomes of it.
 */
export class StoreAppender implements LogAppender {
  readonly #deps: AppenderDeps;
  readonly #tenant: string;
  readonly #rows: LineRows;
  readonly #streams = new Set<Stream>();
  readonly #refused = new Refusals<RefusalReason>();
  #decoded: LineChunk[] = [];
  #decodedBytes = 0;

  constructor(deps: AppenderDeps, tenant: string) {
    this.#deps = deps;
    this.#tenant = tenant;
    const { hasher, config, clock } = deps;
    this.#rows = new LineRows({ hasher, limits: config, tenant, now: clock.now() });
    if (deps.pending.bytes > deps.config.pending_memory)
      throw logsErrors.make(
        'busy',
        `${deps.pending.bytes} bytes of lines wait for the engine, at most ${deps.config.pending_memory} may`,
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      );
  }

  stream(labels: Labels): StreamRef | LineRefusal {
    const refusal = this.#rows.labelProblem(labels);
    if (refusal !== null) return refusal;
    const stream = this.#resolve(withServiceName(labels));
    return stream === null ? this.#tooManyStreams() : stream.ref;
  }

  problem(line: LogLine): LineRefusal | null {
    return this.#rows.problem(line);
  }

  append(ref: StreamRef, line: LogLine): void {
    const stream = this.#deps.streams.of(ref);
    const refusal: LineRefusal | null =
      stream === undefined
        ? { reason: 'stream_limit', message: 'the stream is gone' }
        : this.#rows.add(stream, line);
    if (refusal !== null) this.refuse(refusal);
  }

  refuse(refusal: LineRefusal, count = 1): void {
    this.#refused.add(refusal, count);
    this.#deps.telemetry.refused.inc({ reason: refusal.reason }, count);
  }

  adopt({ streams, chunks, refused, messageBytes }: DecodedLines): void {
    for (const { count, ...refusal } of refused) this.refuse(refusal, count);
    let kept = chunks;
    for (const { labels, low, high } of streams) {
      if (this.#resolve(labels) !== null) continue;
      kept = kept.map((chunk) => {
        const rows = rowsOfStream(chunk, low, high);
        if (rows.size > 0) this.refuse(this.#tooManyStreams(), rows.size);
        return without(chunk, rows);
      });
    }
    this.#decoded.push(...kept.filter(({ rows }) => rows > 0));
    this.#decodedBytes += messageBytes;
  }

  async commit(also: readonly Frame[] = []): Promise<LogReport> {
    const { rows, telemetry } = this.#deps;
    const chunks = [...this.#rows.take(), ...this.#decoded];
    try {
      const { stored, duplicates } = await rows.store(chunks, (fresh) => this.#beside(fresh, also));
      telemetry.lines.inc({ result: 'stored' }, stored);
      telemetry.lines.inc({ result: 'duplicate' }, duplicates);
      telemetry.bytes.inc(this.#rows.messageBytes + this.#decodedBytes);
      return { stored, duplicates, refused: this.#refused.list() };
    } finally {
      this.rollback();
    }
  }

  rollback(): void {
    for (const stream of this.#streams) stream.inFlight--;
    this.#streams.clear();
    this.#rows.clear();
    this.#decoded = [];
  }

  /** The stream of labels with a service's name; null at the tenant's limit. */
  #resolve(labels: Labels): Stream | null {
    const { streams, clock } = this.#deps;
    const stream = streams.resolve(this.#tenant, labels, clock.now());
    if (stream !== null && !this.#streams.has(stream)) {
      this.#streams.add(stream);
      stream.inFlight++;
    }
    return stream;
  }

  #tooManyStreams(): LineRefusal {
    return tooManyStreams(this.#tenant, this.#deps.streams.limit);
  }

  #beside(fresh: readonly LineChunk[], also: readonly Frame[]): Beside {
    const { streams } = this.#deps;
    const { frames, known } = streamFrames(this.#tenant, fresh, this.#streams);
    return {
      frames: [...frames, ...also],
      stored: () => {
        for (const { stream, day } of known) streams.markDay(stream, day);
      },
    };
  }
}

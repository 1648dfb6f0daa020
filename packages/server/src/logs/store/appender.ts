import { Buffer, isUtf8 } from 'node:buffer';
import type { Labels } from '@pharos/promql';
import { type Beside, DayChunks, type DurableRows, type Frame } from '../../journal/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Refusals } from '../../kernel/refusals.ts';
import type { LogsConfig } from '../config.ts';
import { logsErrors } from '../errors.ts';
import { idField, idsInText, type LineIds, takeId } from '../ids.ts';
import { detectLevel, namedLevel } from '../level.ts';
import type { LineRefusal, LogAppender, LogLine, LogReport, RefusalReason, StreamRef } from '../sink.ts';
import type { LogsTelemetry } from '../telemetry.ts';
import { ChunkWriter, type LineChunk } from './chunk.ts';
import type { LogHasher } from './hasher.ts';
import type { PendingLines } from './memory.ts';
import { streamFrames } from './stream-rows.ts';
import { type Stream, type Streams, withServiceName } from './streams.ts';

export interface AppenderDeps {
  readonly streams: Streams;
  readonly hasher: LogHasher;
  readonly pending: PendingLines;
  readonly rows: DurableRows<LineChunk>;
  readonly clock: Clock;
  readonly config: LogsConfig;
  readonly telemetry: LogsTelemetry;
}

const DAY_MS = 86_400_000;
const RETRY_AFTER_SECONDS = 2;

/**
 * Collects one request's lines as rows, then makes them durable and visible: door rules, rows, one journal append, memory. A line that
 * is there already is not stored again; one whose twin is on its way waits for what becomes of it.
 */
export class StoreAppender implements LogAppender {
  readonly #deps: AppenderDeps;
  readonly #tenant: string;
  readonly #oldest: number;
  readonly #newest: number;
  readonly #chunks: DayChunks<LineChunk, ChunkWriter>;
  readonly #streams = new Set<Stream>();
  readonly #refused = new Refusals<RefusalReason>();
  readonly #ids: LineIds = { trace: '', span: '', request: '' };
  #messageBytes = 0;

  constructor(deps: AppenderDeps, tenant: string) {
    this.#deps = deps;
    this.#tenant = tenant;
    this.#chunks = new DayChunks((day) => new ChunkWriter(tenant, day));
    const now = deps.clock.now();
    this.#oldest = Math.max(0, now - deps.config.accept_past);
    this.#newest = now + deps.config.accept_future;
    if (deps.pending.bytes > deps.config.pending_memory)
      throw logsErrors.make(
        'busy',
        `${deps.pending.bytes} bytes of lines wait for the engine, at most ${deps.config.pending_memory} may`,
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      );
  }

  stream(labels: Labels): StreamRef | LineRefusal {
    const { streams, clock, config } = this.#deps;
    const refusal = labelProblem(labels, config);
    if (refusal !== null) return refusal;
    const stream = streams.resolve(this.#tenant, withServiceName(labels), clock.now());
    if (stream === null)
      return {
        reason: 'stream_limit',
        message: `tenant "${this.#tenant}" has its limit of ${streams.limit} active streams`,
      };
    if (!this.#streams.has(stream)) {
      this.#streams.add(stream);
      stream.inFlight++;
    }
    return stream.ref;
  }

  append(ref: StreamRef, line: LogLine): void {
    const stream = this.#deps.streams.of(ref);
    const refusal: LineRefusal | null =
      stream === undefined
        ? { reason: 'stream_limit', message: 'the stream is gone' }
        : this.#lineProblem(line);
    if (refusal !== null) this.refuse(refusal);
    else if (stream !== undefined) this.#write(stream, line);
  }

  #write(stream: Stream, line: LogLine): void {
    const message = Buffer.from(line.bytes.buffer, line.bytes.byteOffset + line.start, line.end - line.start);
    this.#chunks.writer(Math.floor(line.time.ms / DAY_MS)).add(
      {
        time: line.time,
        stream,
        id: this.#deps.hasher.message(message),
        service: stream.service,
        level: stream.level ?? levelIn(line.metadata) ?? detectLevel(message, 0, message.length),
        ids: this.#idsOf(line, message),
        metadata: line.metadata,
      },
      message,
    );
    this.#messageBytes += message.length;
  }

  async commit(also: readonly Frame[] = []): Promise<LogReport> {
    const { rows, telemetry } = this.#deps;
    try {
      const { stored, duplicates } = await rows.store(this.#chunks.take(), (fresh) =>
        this.#beside(fresh, also),
      );
      telemetry.lines.inc({ result: 'stored' }, stored);
      telemetry.lines.inc({ result: 'duplicate' }, duplicates);
      telemetry.bytes.inc(this.#messageBytes);
      return { stored, duplicates, refused: this.#refused.list() };
    } finally {
      this.rollback();
    }
  }

  rollback(): void {
    for (const stream of this.#streams) stream.inFlight--;
    this.#streams.clear();
    this.#chunks.clear();
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

  #idsOf({ metadata }: LogLine, message: Buffer): LineIds {
    const ids = this.#ids;
    ids.trace = '';
    ids.span = '';
    ids.request = '';
    for (let i = 0; i < metadata.length; i += 2) {
      const field = idField(metadata[i] ?? '');
      if (field !== null) takeId(ids, field, metadata[i + 1] ?? '');
    }
    idsInText(ids, message);
    return ids;
  }

  #lineProblem({ time, bytes, start, end, metadata }: LogLine): LineRefusal | null {
    const { config } = this.#deps;
    if (time.ms < this.#oldest)
      return {
        reason: 'too_old',
        message: `timestamp ${isoOf(time.ms)} is older than ${isoOf(this.#oldest)}`,
      };
    if (time.ms > this.#newest)
      return {
        reason: 'too_far_ahead',
        message: `timestamp ${isoOf(time.ms)} is later than ${isoOf(this.#newest)}`,
      };
    if (end - start > config.max_line)
      return {
        reason: 'line_too_long',
        message: `the line has ${end - start} bytes, expected at most ${config.max_line}`,
      };
    if (!isUtf8(bytes.subarray(start, end)))
      return { reason: 'not_utf8', message: 'the line is not valid UTF-8' };
    return metadata.length === 0 ? null : metadataProblem(metadata, config);
  }

  refuse(refusal: LineRefusal): void {
    this.#refused.add(refusal);
    this.#deps.telemetry.refused.inc({ reason: refusal.reason });
  }
}

function labelProblem(labels: Labels, config: LogsConfig): LineRefusal | null {
  if (labels.size === 0)
    return { reason: 'labels_missing', message: 'the stream has no labels, expected at least one' };
  if (labels.size > config.max_labels)
    return {
      reason: 'too_many_labels',
      message: `stream ${shown(labels.toString())} has ${labels.size} labels, expected at most ${config.max_labels}`,
    };
  const { pairs } = labels;
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] ?? '';
    if (Buffer.byteLength(name) > config.max_label_name)
      return {
        reason: 'label_name_too_long',
        message: `label name ${shown(name)} has ${Buffer.byteLength(name)} bytes, expected at most ${config.max_label_name}`,
      };
    const value = pairs[i + 1] ?? '';
    if (Buffer.byteLength(value) > config.max_label_value)
      return {
        reason: 'label_value_too_long',
        message: `label ${shown(name)} has a value of ${Buffer.byteLength(value)} bytes, expected at most ${config.max_label_value}`,
      };
  }
  return null;
}

function metadataProblem(metadata: readonly string[], config: LogsConfig): LineRefusal | null {
  let bytes = 0;
  for (const text of metadata) bytes += text.length;
  const entries = metadata.length / 2;
  if (bytes <= config.max_metadata && entries <= config.max_metadata_entries) return null;
  return {
    reason: 'metadata_too_large',
    message: `the structured metadata has ${entries} entries and ${bytes} characters, expected at most ${config.max_metadata_entries} and ${config.max_metadata}`,
  };
}

function levelIn(metadata: readonly string[]): string | null {
  if (metadata.length === 0) return null;
  return namedLevel((name) => {
    for (let i = 0; i < metadata.length; i += 2) if (metadata[i] === name) return metadata[i + 1];
    return undefined;
  });
}

function isoOf(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`;
}

function shown(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

import { Buffer, isUtf8 } from 'node:buffer';
import type { Labels } from '@pharos/promql';
import type { RowBinaryWriter } from '../../engine/index.ts';
import { DayChunks } from '../../journal/index.ts';
import type { LogsConfig } from '../config.ts';
import { idField, idsInText, type LineIds, takeId } from '../ids.ts';
import { detectLevel, type LogLevel, namedLevel } from '../level.ts';
import type { LineRefusal, LogLine } from '../sink.ts';
import { ChunkWriter, type LineChunk } from './chunk.ts';
import type { LogHasher, Words } from './hasher.ts';

/** What a line or stream may be. */
export type RowLimits = Pick<
  LogsConfig,
  | 'accept_past'
  | 'accept_future'
  | 'max_line'
  | 'max_labels'
  | 'max_label_name'
  | 'max_label_value'
  | 'max_metadata'
  | 'max_metadata_entries'
  | 'stream_limit'
>;

/** These alone, as they go to another thread. */
export function rowLimits(limits: RowLimits): RowLimits {
  const { accept_past, accept_future, max_line, max_labels, max_label_name, max_label_value } = limits;
  const { max_metadata, max_metadata_entries, stream_limit } = limits;
  return {
    accept_past,
    accept_future,
    max_line,
    max_labels,
    max_label_name,
    max_label_value,
    max_metadata,
    max_metadata_entries,
    stream_limit,
  };
}

/** What a row has of its stream. */
export interface RowStream extends Words {
  /** Canonical; empty when nothing names one. */
  readonly service: string;
  /** What the labels say of the level of all its lines. */
  readonly level: LogLevel | null;
}

export interface LineRowsOptions {
  readonly hasher: LogHasher;
  readonly limits: RowLimits;
  readonly tenant: string;
  /** Wall clock when the request came. */
  readonly now: number;
  /** Memory for rows, so that it need not be made for each request. */
  readonly writer?: RowBinaryWriter | undefined;
}

const DAY_MS = 86_400_000;

/** One request's lines as rows: what is wrong with each, its level and ids, its columns. Knows no state but its own. */
export class LineRows {
  readonly #hasher: LogHasher;
  readonly #limits: RowLimits;
  readonly #oldest: number;
  readonly #newest: number;
  readonly #chunks: DayChunks<LineChunk, ChunkWriter>;
  readonly #ids: LineIds = { trace: '', span: '', request: '' };
  #messageBytes = 0;

  constructor({ hasher, limits, tenant, now, writer }: LineRowsOptions) {
    this.#hasher = hasher;
    this.#limits = limits;
    let spare = writer;
    spare?.clear();
    this.#chunks = new DayChunks((day) => {
      const made = new ChunkWriter(tenant, day, spare);
      spare = undefined;
      return made;
    });
    this.#oldest = Math.max(0, now - limits.accept_past);
    this.#newest = now + limits.accept_future;
  }

  /** Of all messages that became rows. */
  get messageBytes(): number {
    return this.#messageBytes;
  }

  /** Why the lines of a label set may not be taken, or null. */
  labelProblem(labels: Labels): LineRefusal | null {
    return labelProblem(labels, this.#limits);
  }

  /** What is wrong with a line itself, or null. */
  problem({ time, bytes, start, end, metadata }: LogLine): LineRefusal | null {
    const limits = this.#limits;
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
    if (end - start > limits.max_line)
      return {
        reason: 'line_too_long',
        message: `the line has ${end - start} bytes, expected at most ${limits.max_line}`,
      };
    if (!isUtf8(bytes.subarray(start, end)))
      return { reason: 'not_utf8', message: 'the line is not valid UTF-8' };
    return metadata.length === 0 ? null : metadataProblem(metadata, limits);
  }

  /** Writes the row of a line, or tells why not. */
  add(stream: RowStream, line: LogLine): LineRefusal | null {
    const problem = this.problem(line);
    if (problem !== null) return problem;
    const message = Buffer.from(line.bytes.buffer, line.bytes.byteOffset + line.start, line.end - line.start);
    this.#chunks.writer(Math.floor(line.time.ms / DAY_MS)).add(
      {
        time: line.time,
        stream,
        id: this.#hasher.line(message, line.metadata),
        service: stream.service,
        level: stream.level ?? levelIn(line.metadata) ?? detectLevel(message, 0, message.length),
        ids: this.#idsOf(line, message),
        metadata: line.metadata,
      },
      message,
    );
    this.#messageBytes += message.length;
    return null;
  }

  /** The rows since the last call. */
  take(): readonly LineChunk[] {
    return this.#chunks.take();
  }

  clear(): void {
    this.#chunks.clear();
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
}

function labelProblem(labels: Labels, limits: RowLimits): LineRefusal | null {
  if (labels.size === 0)
    return { reason: 'labels_missing', message: 'the stream has no labels, expected at least one' };
  if (labels.size > limits.max_labels)
    return {
      reason: 'too_many_labels',
      message: `stream ${shown(labels.toString())} has ${labels.size} labels, expected at most ${limits.max_labels}`,
    };
  const { pairs } = labels;
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i] ?? '';
    if (Buffer.byteLength(name) > limits.max_label_name)
      return {
        reason: 'label_name_too_long',
        message: `label name ${shown(name)} has ${Buffer.byteLength(name)} bytes, expected at most ${limits.max_label_name}`,
      };
    const value = pairs[i + 1] ?? '';
    if (Buffer.byteLength(value) > limits.max_label_value)
      return {
        reason: 'label_value_too_long',
        message: `label ${shown(name)} has a value of ${Buffer.byteLength(value)} bytes, expected at most ${limits.max_label_value}`,
      };
  }
  return null;
}

function metadataProblem(metadata: readonly string[], limits: RowLimits): LineRefusal | null {
  let bytes = 0;
  for (const text of metadata) bytes += text.length;
  const entries = metadata.length / 2;
  if (bytes <= limits.max_metadata && entries <= limits.max_metadata_entries) return null;
  return {
    reason: 'metadata_too_large',
    message: `the structured metadata has ${entries} entries and ${bytes} characters, expected at most ${limits.max_metadata_entries} and ${limits.max_metadata}`,
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

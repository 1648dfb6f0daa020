import type { Labels } from '@pharos/promql';
import type { Frame } from '../journal/index.ts';
import type { Refusal, RefusedCount } from '../kernel/refusals.ts';
import type { DecodedLines } from './decode/decoded.ts';
import type { LogTime } from './time.ts';

/** Where every way in hands its lines. One appender per request. */
export interface LogSink {
  appender(tenant: string): LogAppender;
}

/** A stream (a label set) as an appender knows it. */
export type StreamRef = number;

/**
 * One line, reused from line to line by its door: the appender copies what it keeps. `metadata` is structured metadata, flat: name, value,
 * name, value…
 */
export interface LogLine {
  time: LogTime;
  /** UTF-8 bytes of the message, from `start` to `end`. */
  bytes: Uint8Array;
  start: number;
  end: number;
  metadata: string[];
}

/** Takes lines one by one. */
export interface LineTaker {
  /** The ref of a label set, or why its lines may not be taken. */
  stream(labels: Labels): StreamRef | LineRefusal;
  /** What is wrong with a line itself, whatever its stream; null for nothing. */
  problem(line: LogLine): LineRefusal | null;
  /** Takes a line, or counts it as refused. */
  append(stream: StreamRef, line: LogLine): void;
  /** Counts a line as refused. */
  refuse(refusal: LineRefusal): void;
}

export interface LogAppender extends LineTaker {
  /** Takes what another thread made of a body. */
  adopt(decoded: DecodedLines): void;
  /** Durable when it resolves, with the frames that are given: all or nothing. Rejects with a journal error when nothing was stored. */
  commit(also?: readonly Frame[]): Promise<LogReport>;
  /** Lets go of everything; for a request that turned out to be malformed. */
  rollback(): void;
}

/** Why a line or a stream was not taken. Bounded in number: it is a label of the telemetry. */
export type RefusalReason =
  | 'too_old'
  | 'too_far_ahead'
  | 'line_too_long'
  | 'metadata_too_large'
  | 'labels_missing'
  | 'too_many_labels'
  | 'label_name_too_long'
  | 'label_value_too_long'
  | 'stream_limit'
  | 'not_utf8';

export type LineRefusal = Refusal<RefusalReason>;

export interface LogReport {
  readonly stored: number;
  /** Stream, time, message and metadata are there already: accepted, not stored twice (compat LP-5). */
  readonly duplicates: number;
  /** By reason, each with its first message. */
  readonly refused: readonly RefusedCount<RefusalReason>[];
}

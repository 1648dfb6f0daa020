import { Labels } from '@pharos/promql';
import { type ErrorSpec, PharosError } from '../../kernel/errors.ts';
import type { RuleSpec } from '../redact/specs.ts';
import type { LineChunk } from '../store/chunk.ts';
import type { RowLimits } from '../store/line-rows.ts';
import type { DecodedLines } from './decoded.ts';
import type { DecodeJob } from './decoder.ts';

/** What the decoding thread is started with: everything of the configuration that it needs. */
export interface DecoderSettings {
  readonly limits: RowLimits;
  /** Of service names. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly rules: readonly RuleSpec[];
}

/** {@link DecodedLines} as it goes from thread to thread: label sets as flat pairs. */
interface PackedLines extends Omit<DecodedLines, 'streams'> {
  readonly streams: readonly {
    readonly pairs: readonly string[];
    readonly low: number;
    readonly high: number;
  }[];
}

export function packed({ streams, ...rest }: DecodedLines): PackedLines {
  return { ...rest, streams: streams.map(({ labels, low, high }) => ({ pairs: labels.pairs, low, high })) };
}

function unpacked({ streams, ...rest }: PackedLines): DecodedLines {
  return {
    ...rest,
    streams: streams.map(({ pairs, low, high }) => ({ labels: Labels.fromSortedPairs(pairs), low, high })),
  };
}

/** The memory of the rows, which is handed over instead of copied. */
export function buffersOf({ chunks }: Pick<DecodedLines, 'chunks'>): ArrayBuffer[] {
  const own = (array: LineChunk['payload'] | Float64Array | Uint32Array): ArrayBuffer[] =>
    array.buffer instanceof ArrayBuffer && array.byteLength === array.buffer.byteLength ? [array.buffer] : [];
  return chunks.flatMap(({ payload, offsets, ms, nanos, streams, ids, levels }) =>
    [payload, offsets, ms, nanos, streams, ids, levels].flatMap(own),
  );
}

/** What is wrong with a body, as it goes from thread to thread. */
interface Problem extends ErrorSpec {
  readonly code: string;
  readonly message: string;
}

/** An error that is no fault of the body has no code. */
export function problemFrom(error: unknown): Partial<Problem> {
  if (!(error instanceof PharosError))
    return { message: error instanceof Error ? error.message : String(error) };
  const { code, kind, message, hint } = error;
  return { code, kind, message, ...(hint !== undefined && { hint }) };
}

export function errorFrom(problem: unknown): Error {
  if (isProblem(problem)) return new PharosError(problem.code, problem, problem.message);
  return new Error('the thread that decodes log lines failed', { cause: problem });
}

function isProblem(value: unknown): value is Problem {
  return isRecord(value) && typeof value['code'] === 'string' && typeof value['kind'] === 'string';
}

export function linesFrom(result: unknown): DecodedLines {
  if (!isPacked(result)) throw new Error('the thread that decodes log lines answered something else');
  return unpacked(result);
}

function isPacked(value: unknown): value is PackedLines {
  return (
    isRecord(value) &&
    Array.isArray(value['streams']) &&
    Array.isArray(value['chunks']) &&
    Array.isArray(value['refused']) &&
    value['redacted'] instanceof Map
  );
}

/** A message to the decoding thread. */
export function jobFrom(message: unknown): { readonly id: unknown; readonly job: DecodeJob } | null {
  return isRecord(message) && isJob(message['job']) ? { id: message['id'], job: message['job'] } : null;
}

function isJob(value: unknown): value is DecodeJob {
  return isRecord(value) && value['bytes'] instanceof Uint8Array && typeof value['format'] === 'string';
}

export function settingsFrom(workerData: unknown): DecoderSettings {
  if (!isSettings(workerData)) throw new Error('the thread that decodes log lines has no settings');
  return workerData;
}

function isSettings(value: unknown): value is DecoderSettings {
  return isRecord(value) && isRecord(value['limits']) && value['aliases'] instanceof Map;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

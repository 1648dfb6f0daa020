import { defineErrors, type PharosError } from '../kernel/errors.ts';

/**
 * What a caller of the engine door can meet. `retryable`, `resource` and `gone` pass by themselves; `badQuery`,
 * `refused` and `unsupported` never do; the rest stop a server at start.
 */
export const engineErrors = defineErrors('engine', {
  /** The engine could not do it now and may later (too many parts, lock, network). */
  retryable: { kind: 'unavailable' },
  /** Memory, disk, time or result size ran out. */
  resource: { kind: 'too_many', hint: 'Ask for a shorter time range or fewer series.' },
  /** The statement is wrong: a bug of ours, or a value that cannot be rendered. */
  badQuery: { kind: 'bad_request' },
  /** The engine process ended or is not up; the statement may or may not have run. */
  gone: { kind: 'unavailable' },
  /** The caller gave up. */
  canceled: { kind: 'canceled' },
  /** A block that will never pass: other years, more than one day, schema mismatch, torn payload. */
  refused: { kind: 'unprocessable' },
  /** Data on disk does not read. */
  corrupt: { kind: 'internal' },
  /** The data directory was written by a newer Pharos. */
  newerData: { kind: 'internal', hint: 'Start the version of Pharos that wrote it, or a newer one.' },
  /** An answer that is not what the engine writes: a bug in it or in our decoder. */
  undecodable: { kind: 'internal' },
  /** Another process owns the data directory. */
  locked: { kind: 'conflict', hint: 'Stop the other process, or choose another data directory.' },
  /** No prebuilt engine for this platform. */
  unsupportedPlatform: {
    kind: 'internal',
    hint: 'Run on Linux with glibc or on macOS, or set storage.url to a ClickHouse server.',
  },
});

export type EngineErrorName = keyof typeof engineErrors.specs;

/**
 * ClickHouse error codes that are not the statement's fault. Every other code is: what the engine refuses to parse, type or
 * find is a bad query.
 * Source: src/Common/ErrorCodes.cpp of ClickHouse 26.7.
 */
const CODES: ReadonlyMap<number, EngineErrorName> = new Map([
  // The machine's limits and ours.
  [158, 'resource'], // TOO_MANY_ROWS
  [159, 'resource'], // TIMEOUT_EXCEEDED
  [160, 'resource'], // TOO_SLOW
  [173, 'resource'], // CANNOT_ALLOCATE_MEMORY
  [191, 'resource'], // SET_SIZE_LIMIT_EXCEEDED
  [241, 'resource'], // MEMORY_LIMIT_EXCEEDED
  [243, 'resource'], // NOT_ENOUGH_SPACE
  [307, 'resource'], // TOO_MANY_BYTES
  [396, 'resource'], // TOO_MANY_ROWS_OR_BYTES
  // Conditions that pass.
  [74, 'retryable'], // CANNOT_READ_FROM_FILE_DESCRIPTOR
  [75, 'retryable'], // CANNOT_WRITE_TO_FILE_DESCRIPTOR
  [76, 'retryable'], // CANNOT_OPEN_FILE
  [202, 'retryable'], // TOO_MANY_SIMULTANEOUS_QUERIES
  [209, 'retryable'], // SOCKET_TIMEOUT
  [210, 'retryable'], // NETWORK_ERROR
  [236, 'retryable'], // ABORTED
  [242, 'retryable'], // TABLE_IS_READ_ONLY
  [279, 'retryable'], // ALL_CONNECTION_TRIES_FAILED
  [285, 'retryable'], // TOO_FEW_LIVE_REPLICAS
  [319, 'retryable'], // UNKNOWN_STATUS_OF_INSERT
  [439, 'retryable'], // CANNOT_SCHEDULE_TASK
  [473, 'retryable'], // DEADLOCK_AVOIDED
  [999, 'retryable'], // KEEPER_EXCEPTION
  [394, 'canceled'], // QUERY_WAS_CANCELLED
  // A block that will not pass the next time either.
  [252, 'refused'], // TOO_MANY_PARTS: more partitions in one insert than the limit
  // What the disk gave back is not what was written.
  [40, 'corrupt'], // CHECKSUM_DOESNT_MATCH
  [228, 'corrupt'], // CORRUPTED_DATA (old)
  [246, 'corrupt'], // CORRUPTED_DATA
  [271, 'corrupt'], // CANNOT_DECOMPRESS
  [740, 'corrupt'], // POTENTIALLY_BROKEN_DATA_PART
]);

export function classify(code: number | undefined): EngineErrorName {
  if (code === undefined) return 'retryable';
  return CODES.get(code) ?? 'badQuery';
}

const MEMORY_LIMIT = 241;

/** TOO_MANY_ROWS, MEMORY_LIMIT_EXCEEDED, TOO_MANY_BYTES and TOO_MANY_ROWS_OR_BYTES. */
const TOO_MUCH: ReadonlySet<unknown> = new Set([158, MEMORY_LIMIT, 307, 396]);

/** Whether a statement failed for what it reads or answers, so that one that asks for less may pass; not where the engine was only slow. */
export function asksTooMuch(error: unknown): boolean {
  return engineErrors.is(error, 'resource') && TOO_MUCH.has(error.details?.['code']);
}

/**
 * Whether the room of all statements was full: of others as a rule, so that asking for less again and again only adds to it. On a machine
 * with little memory one alone may have filled it.
 */
export function isFull(error: unknown): boolean {
  return engineErrors.is(error, 'resource') && error.details?.['isBusy'] === true;
}

/** What all statements together may take was full: one alone says "Query memory limit". The engine has one code for both. */
const ALL_TOGETHER = /\((?:total|for user)\)|\bUser memory limit/;

/** The engine's failure as ours; the ClickHouse code is in `details.code`, and that others have taken its room in `details.isBusy`. */
export function engineError(code: number | undefined, message: string, cause?: unknown): PharosError {
  const isBusy = code === MEMORY_LIMIT && ALL_TOGETHER.test(firstLine(message));
  return engineErrors.make(classify(code), firstLine(message), {
    ...(cause === undefined ? {} : { cause }),
    ...(code === undefined ? {} : { details: isBusy ? { code, isBusy } : { code } }),
  });
}

/** The engine adds stack traces and the whole statement; one line, bounded, is what a reader can use. */
function firstLine(message: string): string {
  const line = message.split('\n', 1)[0] ?? '';
  return line.length > 1_000 ? `${line.slice(0, 1_000)}…` : line;
}

const names = Object.keys(engineErrors.specs);

export function isEngineErrorName(value: unknown): value is EngineErrorName {
  return typeof value === 'string' && names.includes(value);
}

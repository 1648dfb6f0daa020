import type { Clock } from '../kernel/clock.ts';
import type { PharosError } from '../kernel/errors.ts';
import type { JournalConfig } from './config.ts';
import { type FullReason, journalErrors } from './errors.ts';
import { frameBytes, invalidFrame } from './frames.ts';
import { type FileSystem, isDiskFull } from './fs.ts';
import type { Frame } from './types.ts';

const DISK_CHECK_MS = 1000;
/** With this much above the floor the disk is asked less often: nobody fills that much in between. */
const AMPLE_BYTES = 4 * 2 ** 30;
const AMPLE_CHECK_MS = 10_000;
const RETRY_AFTER_SECONDS: Record<FullReason, number> = { bytes: 5, disk: 30, queue: 1 };
const MAX_COOL_DOWN_MS = 5000;

/** Builds the refusal that tells a sender when to come again. */
function fullError(reason: FullReason, message: string, cause?: unknown): PharosError {
  return journalErrors.make('full', message, {
    retryAfterSeconds: RETRY_AFTER_SECONDS[reason],
    details: { reason },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Why these frames can never be taken, or null. */
export function unacceptable(
  frames: readonly Frame[],
  bytes: number,
  config: JournalConfig,
): PharosError | null {
  for (const frame of frames) {
    const fault = invalidFrame(frame);
    if (fault !== null) return journalErrors.make('invalid', `frame of table "${frame.table}": ${fault}`);
    if (frame.rows > config.blockRows || frameBytes(frame) > config.blockBytes)
      return journalErrors.make(
        'tooLarge',
        `${frame.rows} rows (${frame.payload.length} bytes) of table "${frame.table}" in one frame, expected at most ${config.blockRows} rows and ${config.blockBytes} bytes`,
      );
  }
  if (bytes <= config.requestBytes) return null;
  return journalErrors.make(
    'tooLarge',
    `the request has ${bytes} bytes of rows, expected at most ${config.requestBytes}`,
  );
}

export interface Load {
  readonly pendingBytes: number;
  readonly queuedBytes: number;
}

/** Why this request cannot be taken now, or null. */
export function overloaded(bytes: number, load: Load, config: JournalConfig): PharosError | null {
  if (load.pendingBytes + load.queuedBytes + bytes > config.limitBytes)
    return fullError(
      'bytes',
      `the journal holds ${load.pendingBytes} bytes that are not yet in the engine, limit ${config.limitBytes}`,
    );
  if (load.queuedBytes > 0 && load.queuedBytes + bytes > config.queueBytes)
    return fullError('queue', `${load.queuedBytes} bytes wait for the disk, limit ${config.queueBytes}`);
  return null;
}

/** Watches the disk: the floor of free space, and pauses after failures so that a broken disk is not hammered. */
export class DiskGate {
  readonly #fs: FileSystem;
  readonly #directory: string;
  readonly #floor: number;
  readonly #clock: Clock;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #free = Number.POSITIVE_INFINITY;
  #failures = 0;
  #closedUntil = Number.NEGATIVE_INFINITY;
  #reason: PharosError | null = null;

  constructor(options: { fs: FileSystem; directory: string; floor: number; clock: Clock }) {
    this.#fs = options.fs;
    this.#directory = options.directory;
    this.#floor = options.floor;
    this.#clock = options.clock;
  }

  /** Why nothing could be written when somebody last asked, in words, or null. */
  lastRefusal(): string | null {
    if (this.#reason !== null) return this.#reason.message;
    return this.#free >= this.#floor ? null : this.#tooFull().message;
  }

  /** Why nothing can be written at the moment, or null. */
  async closed(): Promise<PharosError | null> {
    const now = this.#clock.monotonic();
    if (now < this.#closedUntil && this.#reason !== null) return this.#reason;
    const every = this.#free - this.#floor > AMPLE_BYTES ? AMPLE_CHECK_MS : DISK_CHECK_MS;
    if (now - this.#checkedAt >= every) {
      this.#free = await this.#fs.freeBytes(this.#directory).catch(() => Number.POSITIVE_INFINITY);
      this.#checkedAt = now;
    }
    return this.#free >= this.#floor ? null : this.#tooFull();
  }

  #tooFull(): PharosError {
    return fullError(
      'disk',
      `${this.#free} bytes are free on the disk of ${this.#directory}, expected at least ${this.#floor}`,
    );
  }

  succeeded(): void {
    this.#failures = 0;
    this.#reason = null;
  }

  /** Notes a failed write; the first retry may come at once, later ones after growing pauses. */
  failed(cause: unknown): PharosError {
    this.#failures++;
    const pause = this.#failures < 2 ? 0 : Math.min(MAX_COOL_DOWN_MS, 500 * 2 ** (this.#failures - 2));
    this.#closedUntil = this.#clock.monotonic() + pause;
    this.#checkedAt = Number.NEGATIVE_INFINITY;
    this.#reason = isDiskFull(cause)
      ? fullError('disk', `the disk of ${this.#directory} is full`, cause)
      : journalErrors.make('failed', `writing to ${this.#directory} failed: ${reasonOf(cause)}`, {
          cause,
          retryAfterSeconds: 1,
        });
    return this.#reason;
  }
}

export function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

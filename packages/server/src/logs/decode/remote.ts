import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../kernel/clock.ts';
import { PharosError } from '../../kernel/errors.ts';
import { JobThread, type Thread } from '../../kernel/job-thread.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import { logsErrors } from '../errors.ts';
import type { BodyDecoder } from '../ingest/service.ts';
import type { LogsTelemetry } from '../telemetry.ts';
import type { DecodedLines } from './decoded.ts';
import type { DecodeJob } from './decoder.ts';
import { type DecoderSettings, errorFrom, linesFrom } from './messages.ts';

export interface RemoteDecoderDeps {
  readonly clock: Clock;
  readonly telemetry: Pick<LogsTelemetry, 'decoded'>;
  readonly log: Log;
  readonly start: () => Thread;
}

/** Without bodies the thread ends and gives back what it takes, some 30 MB. */
const IDLE_MS = 20_000;
/** A smaller body is decoded where it came, in some 2 ms: handing it over would cost more than it saves. */
const SMALLEST_BODY = 64 * 1024;
/** Bytes of bodies that wait for the thread; of more their senders are told to come again. */
const MOST_WAITING_BYTES = 64 * 2 ** 20;
const RETRY_AFTER_SECONDS = 1;

/** Decodes bodies on a thread of its own, started by the first large one. */
export class RemoteDecoder implements Service, BodyDecoder {
  readonly name = 'log-decoder';
  readonly #deps: RemoteDecoderDeps;
  readonly #thread: JobThread<DecodeJob, DecodedLines>;

  constructor(deps: RemoteDecoderDeps) {
    this.#deps = deps;
    this.#thread = new JobThread({
      start: deps.start,
      clock: deps.clock,
      idleMs: IDLE_MS,
      resultOf: linesFrom,
      problemOf: errorFrom,
      ended: (cause) => {
        const message = 'the thread that decodes log lines ended before it had answered';
        deps.log.warn({ err: cause }, message);
        return busy(message, cause ?? undefined);
      },
    });
  }

  wants(bytes: number): boolean {
    return bytes >= SMALLEST_BODY;
  }

  /** Takes the memory of the body's bytes where they have it alone. Rejects with what is wrong with the body, or `logs.busy`. */
  async decode(job: DecodeJob): Promise<DecodedLines> {
    const { decoded } = this.#deps.telemetry;
    try {
      const { length } = job.bytes;
      const waiting = this.#thread.bytes;
      if (waiting > 0 && waiting + length > MOST_WAITING_BYTES)
        throw busy(`${waiting} bytes of log lines wait to be decoded, at most ${MOST_WAITING_BYTES} may`);
      const bytes = ownMemory(job.bytes);
      const lines = await this.#thread.run({ ...job, bytes }, length, [bytes.buffer]);
      decoded.inc({ result: 'decoded' });
      return lines;
    } catch (error) {
      decoded.inc({ result: resultOf(error) });
      throw error;
    }
  }

  start(): void {
    // By the first large body.
  }

  stop(): Promise<void> {
    return this.#thread.stop();
  }
}

function busy(message: string, cause?: Error): PharosError {
  return logsErrors.make('busy', message, { retryAfterSeconds: RETRY_AFTER_SECONDS, cause });
}

function resultOf(error: unknown): string {
  if (logsErrors.is(error, 'busy')) return 'busy';
  return error instanceof PharosError ? 'malformed' : 'failed';
}

/** Bytes that nobody else sees, to be handed over. */
function ownMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) return new Uint8Array(buffer);
  return Uint8Array.from(bytes);
}

/** Bounds of the thread's memory: rows of a body of {@link LOG_BODY_LIMIT} fit. */
const RESOURCES = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 16 };

/** Starts the decoding thread, or `entry` for tests: its own file beside the server's bundle, or the source run through a loader in development. */
export function startDecoderThread(settings: DecoderSettings, entry = builtEntry()): Thread {
  const options = { name: 'logs-decoder', workerData: settings, resourceLimits: RESOURCES };
  if (entry !== null) return new Worker(entry, options);
  const source = JSON.stringify(new URL('./thread.ts', import.meta.url).href);
  const code = `import('tsx/esm/api').then(({ register }) => { register(); return import(${source}); });`;
  return new Worker(code, { ...options, eval: true, execArgv: ['--conditions=source'] });
}

function builtEntry(): string | null {
  return import.meta.url.endsWith('.ts')
    ? null
    : fileURLToPath(new URL('./logs-decoder.js', import.meta.url));
}

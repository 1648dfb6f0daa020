import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { WindowColumn, WindowJob, WindowThread } from '@pharos/promql';
import type { Clock } from '../../kernel/clock.ts';
import { JobThread, type Thread } from '../../kernel/job-thread.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import type { Telemetry } from '../../kernel/telemetry.ts';
import { buffersOf, columnFrom } from './messages.ts';

export interface RemoteWindowsDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly start: () => Thread;
}

/** Without jobs the thread ends and gives back what it takes, some 20 MB. */
const IDLE_MS = 20_000;
/** Bytes of jobs that wait for the thread; of more, queries do the work themselves. */
const MOST_WAITING_BYTES = 64 * 2 ** 20;

/** Long work over windows on a thread of its own, which the first job starts. */
export class RemoteWindows implements Service, WindowThread {
  readonly name = 'window-thread';
  readonly #log: Log;
  readonly #jobs: ReturnType<typeof countJobs>;
  readonly #thread: JobThread<WindowJob, WindowColumn>;
  #isStopped = false;

  constructor({ clock, log, telemetry, start }: RemoteWindowsDeps) {
    this.#log = log;
    this.#jobs = countJobs(telemetry);
    this.#thread = new JobThread({
      start,
      clock,
      idleMs: IDLE_MS,
      resultOf: columnFrom,
      problemOf: (problem) => new Error('the thread for windows failed', { cause: problem }),
      ended: (cause) =>
        new Error('the thread for windows ended before it had answered', { cause: cause ?? undefined }),
    });
  }

  async run(job: WindowJob): Promise<WindowColumn | null> {
    const memory = buffersOf(job);
    const bytes = memory.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const waiting = this.#thread.bytes;
    if (this.#isStopped || (waiting > 0 && waiting + bytes > MOST_WAITING_BYTES)) {
      this.#jobs.inc({ result: 'busy' });
      return null;
    }
    try {
      const column = await this.#thread.run(job, bytes, memory);
      this.#jobs.inc({ result: 'done' });
      return column;
    } catch (error) {
      this.#jobs.inc({ result: 'failed' });
      if (!this.#isStopped) this.#log.warn({ err: error }, 'long work of a query goes on without its thread');
      return null;
    }
  }

  start(): void {
    // By the first job.
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#thread.stop();
  }
}

function countJobs(telemetry: Telemetry) {
  return telemetry.counter({
    name: 'pharos_metrics_window_jobs_total',
    help: 'Parts of queries with long work over the windows of one series, by where that went: done (on the thread for it), busy (it had no room), failed (it ended); the last two were done between other work.',
    labels: ['result'],
  });
}

/** Bounds of the thread's memory; the numbers of jobs lie outside of it. */
const RESOURCES = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };

/** Starts the thread, or `entry` for tests: its own file beside the server's bundle, or the source run through a loader in development. */
export function startWindowThread(entry = builtEntry()): Thread {
  const options = { name: 'windows', resourceLimits: RESOURCES };
  if (entry !== null) return new Worker(entry, options);
  const source = JSON.stringify(new URL('./worker.ts', import.meta.url).href);
  const code = `import('tsx/esm/api').then(({ register }) => { register(); return import(${source}); });`;
  return new Worker(code, { ...options, eval: true, execArgv: ['--conditions=source'] });
}

function builtEntry(): string | null {
  return import.meta.url.endsWith('.ts')
    ? null
    : fileURLToPath(new URL('./window-thread.js', import.meta.url));
}

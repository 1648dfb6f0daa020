import type { FastifyReply } from 'fastify';
import type { Clock } from '../../kernel/clock.ts';
import { QueryGate } from '../../kernel/query-gate.ts';
import type { TracesConfig } from '../config.ts';
import { tracesErrors } from '../errors.ts';
import type { Asking, SpanMemory } from '../store/answer-memory.ts';
import type { TracesTelemetry } from '../telemetry.ts';

export interface TraceGuardDeps {
  readonly clock: Clock;
  readonly config: TracesConfig['query'];
  readonly memory: SpanMemory;
  readonly telemetry: Pick<TracesTelemetry, 'queries' | 'queriesRefused'>;
}

/** Pages of traces ask for several things at once. */
const WAITING_PER_PLACE = 4;
/** Who takes nothing of an answer for so long is gone: its spans are in memory until it is sent. */
const STUCK_MS = 60_000;

/** Lets so many answers over traces be made and sent at once, each for a time and within the memory that all of them have. */
export class TraceGuard {
  readonly #deps: TraceGuardDeps;
  readonly #gate: QueryGate;

  constructor(deps: TraceGuardDeps) {
    this.#deps = deps;
    const most = deps.config.max_concurrency;
    this.#gate = new QueryGate(
      most,
      (message) => tracesErrors.make('tooManyQueries', message, { retryAfterSeconds: 1 }),
      most * WAITING_PER_PLACE,
    );
  }

  /** Answers in its turn, until it is done, its time is up or its client leaves; what `answer` sends itself keeps its place until it is sent. */
  async run<T>(call: string, reply: FastifyReply, answer: (asking: Asking) => Promise<T>): Promise<T> {
    const { clock, config, memory, telemetry } = this.#deps;
    const { timeout } = config;
    const controller = new AbortController();
    const { signal } = controller;
    let expired = false;
    const closed = new Promise<void>((resolve) => {
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) controller.abort(new Error('the client left'));
        resolve();
      });
    });
    const timer = clock.after(timeout, () => {
      expired = true;
      controller.abort(new Error('the query timed out'));
    });
    const spans = memory.open();
    const started = clock.monotonic();
    try {
      return await this.#gate.run(async () => {
        const answered = await answer({ signal, memory: spans });
        timer.cancel();
        if (reply.sent) await this.#sent(reply, closed);
        return answered;
      }, signal);
    } catch (error) {
      if (expired)
        throw tracesErrors.make('queryTimeout', `the answer took longer than ${timeout} ms`, {
          cause: error,
        });
      if (signal.aborted)
        throw tracesErrors.make('queryCanceled', 'the client left before the answer was ready', {
          cause: error,
        });
      if (tracesErrors.is(error, 'tooManyQueries')) telemetry.queriesRefused.inc();
      throw error;
    } finally {
      timer.cancel();
      spans.release();
      telemetry.queries.observe({ call }, (clock.monotonic() - started) / 1000);
    }
  }

  /** Until all of an answer is on its way, or nobody takes it. */
  async #sent({ raw }: FastifyReply, closed: Promise<void>): Promise<void> {
    let written = raw.socket?.bytesWritten;
    const watch = this.#deps.clock.every(STUCK_MS, () => {
      if (raw.socket?.bytesWritten === written) raw.destroy();
      written = raw.socket?.bytesWritten;
    });
    try {
      await closed;
    } finally {
      watch.cancel();
    }
  }
}

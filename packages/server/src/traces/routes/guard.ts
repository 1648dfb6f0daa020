import { Socket } from 'node:net';
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
  /** Who takes nothing of an answer for so long, after the time to make it, is gone: its spans are in memory until it is sent. */
  readonly stuckMs?: number;
}

/** Pages of traces ask for several things at once. */
const WAITING_PER_PLACE = 4;
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
    const { clock, config, memory, telemetry, stuckMs = STUCK_MS } = this.#deps;
    const { timeout } = config;
    const controller = new AbortController();
    const { signal } = controller;
    let expired = false;
    const { raw } = reply;
    const closed = new Promise<void>((resolve) => {
      const onClose = (): void => {
        if (!raw.writableFinished) controller.abort(new Error('the client left'));
        resolve();
      };
      // It may have left while its login was looked at: that is told once only.
      if (raw.destroyed) onClose();
      else raw.once('close', onClose);
    });
    endWhenStuck(reply, timeout + stuckMs);
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
        if (reply.sent) await closed;
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
      spans.close();
      telemetry.queries.observe({ call }, (clock.monotonic() - started) / 1000);
    }
  }
}

/** Ends a connection over which nothing went for so long; Node counts what the other side takes of what was written. */
function endWhenStuck({ raw }: FastifyReply, silenceMs: number): void {
  if (raw.socket instanceof Socket) raw.setTimeout(silenceMs, () => raw.destroy());
}

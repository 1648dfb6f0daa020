import { QueryError } from '@pharos/logql';
import type { FastifyReply } from 'fastify';
import type { ErrorRenderer } from '../../../http/types.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { PharosError } from '../../../kernel/errors.ts';
import type { QueryGate } from '../../../kernel/query-gate.ts';
import { logsErrors } from '../../errors.ts';
import type { LogsTelemetry } from '../../telemetry.ts';

export interface GuardDeps {
  readonly clock: Clock;
  readonly gate: QueryGate;
  readonly timeoutMs: number;
  readonly telemetry: LogsTelemetry;
}

export interface Timed<T> {
  readonly result: T;
  readonly queuedMs: number;
  readonly totalMs: number;
}

/** Runs a query in its turn, until it is done, its time is up or its client leaves. */
export async function runGuarded<T>(
  { clock, gate, timeoutMs, telemetry }: GuardDeps,
  call: string,
  reply: FastifyReply,
  evaluate: (signal: AbortSignal) => Promise<T>,
): Promise<Timed<T>> {
  const controller = new AbortController();
  let expired = false;
  const onClose = (): void => {
    if (!reply.raw.writableFinished) controller.abort(new Error('the client left'));
  };
  const timer = clock.after(timeoutMs, () => {
    expired = true;
    controller.abort(new Error('the query timed out'));
  });
  reply.raw.once('close', onClose);
  const started = clock.monotonic();
  let queuedMs = 0;
  try {
    const result = await gate.run(() => {
      queuedMs = clock.monotonic() - started;
      return evaluate(controller.signal);
    }, controller.signal);
    return { result, queuedMs, totalMs: clock.monotonic() - started };
  } catch (error) {
    if (expired)
      throw logsErrors.make('queryTimeout', `the query took longer than ${timeoutMs} ms`, { cause: error });
    if (controller.signal.aborted)
      throw logsErrors.make('queryCanceled', 'the client left before the answer was ready', { cause: error });
    if (logsErrors.is(error, 'tooManyQueries')) telemetry.queriesRefused.inc();
    throw fromQueryError(error);
  } finally {
    timer.cancel();
    reply.raw.off('close', onClose);
    telemetry.queries.observe({ call }, (clock.monotonic() - started) / 1000);
  }
}

/** A query's failure as this slice's error, Loki's wording kept (LQ-5). */
export function fromQueryError(error: unknown): unknown {
  if (!(error instanceof QueryError)) return error;
  const { message, cause } = error;
  // What the storage refuses keeps its kind: memory, time, a bug.
  if (cause instanceof PharosError) return cause;
  const options = { cause: error };
  if (error.kind === 'timeout') return logsErrors.make('queryTimeout', message, options);
  if (error.kind === 'canceled') return logsErrors.make('queryCanceled', message, options);
  return logsErrors.make('badQuery', message, options);
}

/** Loki's errors are one text. */
export const renderLokiError: ErrorRenderer = (error, _request, reply) => {
  void reply.type('text/plain; charset=utf-8');
  return `${error.message}\n`;
};

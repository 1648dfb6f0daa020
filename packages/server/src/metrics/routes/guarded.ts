import { QueryError } from '@pharos/promql';
import type { FastifyReply } from 'fastify';
import type { Clock } from '../../kernel/clock.ts';
import type { QueryGate } from '../../kernel/query-gate.ts';
import type { MetricsConfig } from '../config.ts';
import { metricsErrors } from '../errors.ts';
import type { MetricsTelemetry } from '../telemetry.ts';
import { fromQueryError } from './prometheus-errors.ts';

export interface GuardDeps {
  readonly clock: Clock;
  readonly config: MetricsConfig['query'];
  readonly gate: QueryGate;
  readonly store: { readonly telemetry: MetricsTelemetry };
}

/** The client's patience and ours, as one signal. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Whether the time ran out, as opposed to the client leaving. */
  expired(): boolean;
  done(): void;
}

export interface Timed<T> {
  readonly result: T;
  readonly queuedMs: number;
  readonly totalMs: number;
}

/** Evaluates within the gate's turn and the deadline; what fails comes out as this API words it. */
export async function runGuarded<T>(
  deps: GuardDeps,
  call: string,
  from: { readonly reply: FastifyReply; readonly timeoutMs?: number | undefined },
  evaluate: (deadline: Deadline) => Promise<T>,
): Promise<Timed<T>> {
  const { clock, config, gate, store } = deps;
  const deadline = deadlineOf(clock, from.reply, Math.min(from.timeoutMs ?? config.timeout, config.timeout));
  const started = clock.monotonic();
  let queuedMs = 0;
  try {
    const result = await gate.run(() => {
      queuedMs = clock.monotonic() - started;
      return evaluate(deadline);
    }, deadline.signal);
    return { result, queuedMs, totalMs: clock.monotonic() - started };
  } catch (error) {
    if (metricsErrors.is(error, 'busy')) store.telemetry.queriesRefused.inc();
    throw failureOf(error, deadline);
  } finally {
    deadline.done();
    store.telemetry.queries.observe({ call }, (clock.monotonic() - started) / 1000);
  }
}

function deadlineOf(clock: Clock, reply: FastifyReply, timeoutMs: number): Deadline {
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
  return {
    signal: controller.signal,
    timeoutMs,
    expired: () => expired,
    done: () => {
      timer.cancel();
      reply.raw.off('close', onClose);
    },
  };
}

function failureOf(error: unknown, deadline: Deadline): unknown {
  if (deadline.expired())
    return metricsErrors.make('queryTimeout', 'query timed out in expression evaluation', { cause: error });
  if (deadline.signal.aborted)
    return metricsErrors.make('queryCanceled', 'query was canceled in expression evaluation', {
      cause: error,
    });
  // A storage failure that the evaluator wrapped keeps its own kind: too many samples, engine trouble.
  if (
    error instanceof QueryError &&
    error.cause !== undefined &&
    metricsErrors.is(error.cause, 'tooManySamples')
  )
    return error.cause;
  return fromQueryError(error);
}

import type { PharosError } from '../../kernel/errors.ts';
import { type EngineErrorName, engineErrors, isEngineErrorName } from '../errors.ts';

/** An error of the engine process as data. */
export interface Failure {
  readonly name: EngineErrorName;
  readonly message: string;
  /** ClickHouse's. */
  readonly code?: number | undefined;
  /** See `engineError`. */
  readonly isBusy?: boolean | undefined;
  readonly hint?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** Engine to server. The answer of `result` is the frame's body. A beat says that the process's loop turns. */
export type Report =
  | { readonly type: 'opened' }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'result'; readonly id: number }
  | { readonly type: 'error'; readonly id: number; readonly failure: Failure }
  | { readonly type: 'beat'; readonly discarded: number; readonly anonymousBytes: number };

/** An error as data; what is not of our catalogue is a bug and says so. */
export function toFailure(error: unknown): Failure {
  for (const name of ENGINE_ERROR_NAMES) {
    if (!engineErrors.is(error, name)) continue;
    const code = error.details?.code;
    return {
      name,
      message: error.message,
      ...(typeof code === 'number' ? { code } : {}),
      ...(error.details?.isBusy === true ? { isBusy: true } : {}),
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
    };
  }
  return { name: 'retryable', message: error instanceof Error ? error.message : String(error) };
}

const ENGINE_ERROR_NAMES = Object.keys(engineErrors.specs).filter(isEngineErrorName);

export function fromFailure(failure: Failure): PharosError {
  return engineErrors.make(failure.name, failure.message, {
    ...(failure.code === undefined ? {} : { details: detailsOf(failure) }),
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    ...(failure.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: failure.retryAfterSeconds }),
  });
}

function detailsOf({ code, isBusy }: Failure): Record<string, unknown> {
  return isBusy === true ? { code, isBusy } : { code };
}

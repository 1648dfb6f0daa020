import { QueryError } from '@pharos/promql';
import type { ErrorRenderer } from '../../http/types.ts';
import { type ErrorKind, type PharosError } from '../../kernel/errors.ts';
import { metricsErrors } from '../errors.ts';

/** Prometheus' error types with the status its API gives them. */
const TYPES = {
  bad_data: 400,
  execution: 422,
  canceled: 499,
  timeout: 503,
  unavailable: 503,
  not_found: 404,
  not_acceptable: 406,
  internal: 500,
} as const;

type PrometheusErrorType = keyof typeof TYPES;

const BY_KIND: Partial<Record<ErrorKind, PrometheusErrorType>> = {
  bad_request: 'bad_data',
  unprocessable: 'execution',
  too_many: 'execution',
  canceled: 'canceled',
  timeout: 'timeout',
  unavailable: 'unavailable',
  not_found: 'not_found',
};

/** The envelope `{"status":"error","errorType":…,"error":…}` with Prometheus' statuses (compat §2). */
export const renderPrometheusError: ErrorRenderer = (error, _request, reply) => {
  const type = typeOf(error);
  // What has no type of its own there (login, size) keeps its status.
  if (type !== 'internal' || error.kind === 'internal') void reply.code(TYPES[type]);
  return { status: 'error', errorType: type, error: error.message };
};

function typeOf(error: PharosError): PrometheusErrorType {
  const timedOut: boolean = metricsErrors.is(error, 'queryTimeout');
  return timedOut ? 'timeout' : (BY_KIND[error.kind] ?? 'internal');
}

/** A query's failure as a PharosError of this slice, Prometheus' wording kept. */
export function fromQueryError(error: unknown): unknown {
  if (!(error instanceof QueryError)) return error;
  const options = { cause: error };
  switch (error.kind) {
    case 'bad_data':
      return badParameter('query', error.message, options);
    case 'execution':
      return metricsErrors.make('execution', error.message, options);
    case 'timeout':
      return metricsErrors.make('queryTimeout', error.message, options);
    case 'canceled':
      return metricsErrors.make('queryCanceled', error.message, options);
  }
}

/** `invalid parameter "time": …`, as Prometheus says it. */
export function badParameter(name: string, problem: string, options: { cause?: unknown } = {}): PharosError {
  return metricsErrors.make('badParameter', `invalid parameter ${JSON.stringify(name)}: ${problem}`, options);
}

import type { FastifyReply } from 'fastify';
import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { PharosError } from '../kernel/errors.ts';
import { httpErrors } from './errors.ts';
import type { ErrorRenderer } from './types.ts';

/** Pharos' own API error shape: `{error: {code, message, hint?, details?}}`. */
export const renderPharosError: ErrorRenderer = (error) => ({
  error: {
    code: error.code,
    message: error.message,
    ...(error.hint && { hint: error.hint }),
    ...(error.details && { details: error.details }),
  },
});

/** Whoever sends nonsense gets a few of its faults to read, not many times what was sent. */
const MOST_PROBLEMS = 20;
const MOST_OF_A_PROBLEM = 300;

function clipped(text: string): string {
  return text.length <= MOST_OF_A_PROBLEM ? text : `${text.slice(0, MOST_OF_A_PROBLEM)}…`;
}

/** Any thrown value as a PharosError. What is not expected becomes `http.internal`, without its text. */
export function toPharosError(error: unknown): PharosError {
  if (error instanceof PharosError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const problems = error.validation.slice(0, MOST_PROBLEMS).map((issue) => ({
      field: clipped(
        `${error.validationContext ?? 'request'}${issue.instancePath.replace(/\/$/, '').replaceAll('/', '.')}`,
      ),
      problem: clipped(issue.message ?? issue.keyword),
    }));
    const more = error.validation.length - problems.length;
    const said = [
      ...problems.map((p) => `${p.field}: ${p.problem}`),
      ...(more > 0 ? [`and ${more} more`] : []),
    ];
    return httpErrors.make('invalid', said.join('; '), {
      details: { problems },
      cause: error,
    });
  }
  if (isResponseSerializationError(error))
    return httpErrors.make('internal', 'the answer did not fit its documented shape', { cause: error });
  const { status, message } = fastifyFacts(error);
  if (status === 413) return httpErrors.make('tooLarge', message, { cause: error });
  if (status === 415) return httpErrors.make('unsupportedMedia', message, { cause: error });
  if (status === 503) return httpErrors.make('busy', message, { cause: error });
  if (status !== undefined && status >= 400 && status < 500)
    return httpErrors.make('invalid', message, { cause: error });
  return httpErrors.make('internal', 'something went wrong inside Pharos; the log has the details', {
    cause: error,
  });
}

function fastifyFacts(error: unknown): { status: number | undefined; message: string } {
  if (!(error instanceof Error)) return { status: undefined, message: String(error) };
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
  return { status, message: error.message };
}

/** Status and headers that every error answer carries, whatever its body's shape. */
export function applyErrorHead(reply: FastifyReply, error: PharosError): void {
  void reply.code(error.status).header('cache-control', 'no-store');
  if (error.retryAfterSeconds !== undefined)
    void reply.header('retry-after', String(Math.max(1, Math.ceil(error.retryAfterSeconds))));
  if (error.kind === 'unauthorized')
    void reply.header('www-authenticate', 'Basic realm="Pharos", charset="UTF-8"');
}

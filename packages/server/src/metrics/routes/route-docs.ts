import { z } from 'zod';
import type { ErrorRenderer } from '../../http/types.ts';

export const GET_POST: ('GET' | 'POST')[] = ['GET', 'POST'];

/**
 * OpenAPI documentation of a Prometheus call. Parameters are read by `Params` from form and URL alike, with
 * Prometheus' own texts for bad ones, so the schema documents and never judges.
 */
export function documented(summary: string, parameters: readonly (readonly [name: string, about: string])[]) {
  const shape = Object.fromEntries(
    parameters.map(([name, about]) => [name, z.string().optional().describe(about)] as const),
  );
  return {
    schema: { tags: ['prometheus'], summary, querystring: z.looseObject(shape) },
    validatorCompiler: () => (value: unknown) => ({ value }),
  };
}

/** The error of an API that answers one line of text. */
export const plainText: ErrorRenderer = (error, _request, reply) => {
  void reply.type('text/plain; charset=utf-8');
  return `${error.message.replaceAll('\n', ' ')}\n`;
};

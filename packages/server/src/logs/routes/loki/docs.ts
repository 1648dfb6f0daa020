import { z } from 'zod';

export const GET_POST: ('GET' | 'POST')[] = ['GET', 'POST'];

/** OpenAPI documentation of a Loki call. `LokiParams` reads form and URL alike, so the schema documents and never judges. */
export function documented(summary: string, parameters: readonly (readonly [name: string, about: string])[]) {
  const shape = Object.fromEntries(
    parameters.map(([name, about]) => [name, z.string().optional().describe(about)] as const),
  );
  return {
    schema: { tags: ['loki'], summary, querystring: z.looseObject(shape) },
    validatorCompiler: () => (value: unknown) => ({ value }),
  };
}

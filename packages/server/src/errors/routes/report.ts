import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import { errorsErrors } from '../errors.ts';
import type { ErrorDoors } from '../ingest/doors.ts';

/** Largest body after decompression. */
const ERROR_BODY_LIMIT = 16 * 2 ** 20;

const answer = z.object({
  stored: z.number(),
  duplicates: z.number().describe('Errors whose id was there already.'),
  refused: z.number(),
  problem: z.string().describe('What was refused and why; empty when all was taken.'),
});

/** `POST /api/errors`: errors as JSON, from the SDK and from anything that can send it (docs/errors.md). */
export function errorReportsApi(doors: ErrorDoors): ApiModule {
  return {
    name: 'error-reports',
    renderError: renderPharosError,
    register(app) {
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      app.post(
        '/api/errors',
        {
          bodyLimit: ERROR_BODY_LIMIT,
          schema: {
            tags: ['ingest'],
            summary:
              'Errors as JSON: one object, an array, {errors: [...]}, or one object per line; valid ones are kept',
            querystring: z.object({
              service: z.string().max(200).default('unknown_service').describe('For errors that name none.'),
            }),
            response: { 200: answer },
          },
        },
        async ({ tenant, body, query }) => {
          const bytes = body instanceof Uint8Array ? body : new Uint8Array(0);
          const { stored, duplicates, refused } = await doors.json(tenant, bytes, query.service);
          const total = refused.reduce((sum, { count }) => sum + count, 0);
          const problem = refused
            .map(({ count, message }) => (count === 1 ? message : `${message} (${count} times)`))
            .join('; ');
          if (total > 0 && stored + duplicates === 0) throw errorsErrors.make('refused', problem);
          return { stored, duplicates, refused: total, problem };
        },
      );
    },
  };
}

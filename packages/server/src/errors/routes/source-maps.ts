import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import { iso } from '../../http/times.ts';
import type { ApiModule } from '../../http/types.ts';
import { errorsErrors } from '../errors.ts';
import { eventId } from '../ingest/ids.ts';
import type { SourceMaps } from '../maps/store.ts';
import type { StoredMap } from '../maps/stored-map.ts';

const tags = ['errors'];
const shape = z.object({
  id: z.string(),
  release: z.string(),
  file: z.string(),
  debug_id: z.string(),
  bytes: z.number(),
  uploaded_at: z.string(),
});

function rendered({ id, release, file, debugId, bytes, at }: StoredMap): z.input<typeof shape> {
  return { id, release, file, debug_id: debugId, bytes, uploaded_at: iso(at) };
}

/** `POST|GET /api/v1/errors/source-maps`, `DELETE /api/v1/errors/source-maps/:id`. */
export function sourceMapsApi(maps: SourceMaps, mostBytes: number): ApiModule {
  return {
    name: 'error-source-maps',
    renderError: renderPharosError,
    register(app) {
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      app.post(
        '/api/v1/errors/source-maps',
        {
          bodyLimit: mostBytes + 1024,
          schema: {
            tags,
            summary: 'Keeps a source map: the body is the map, the query says which compiled file it is of',
            querystring: z.object({
              release: z.string().max(200).default(''),
              file: z
                .string()
                .max(500)
                .default('')
                .describe('The compiled file, or the end of its path: dist/main.js.'),
              debug_id: z
                .string()
                .max(64)
                .optional()
                .describe('Of the build; read from the map when absent.'),
            }),
            response: { 201: shape },
          },
        },
        async ({ tenant, query: { release, file, debug_id: text }, body }, reply) => {
          const debugId = text === undefined ? '' : eventId(text);
          if (debugId === null) throw errorsErrors.make('badParameter', 'debug_id is empty, expected a UUID');
          const bytes = body instanceof Uint8Array ? body : new Uint8Array(0);
          return reply.code(201).send(rendered(await maps.put(tenant, { release, file, debugId }, bytes)));
        },
      );
      app.get(
        '/api/v1/errors/source-maps',
        {
          schema: {
            tags,
            summary: 'Source maps, the newest first',
            response: { 200: z.object({ maps: z.array(shape) }) },
          },
        },
        ({ tenant }) => ({ maps: maps.list(tenant).map(rendered) }),
      );
      app.delete(
        '/api/v1/errors/source-maps/:id',
        {
          schema: {
            tags,
            summary: 'Removes a source map',
            params: z.object({ id: z.string().regex(/^[0-9a-f]{32}$/, 'expected 32 hex digits') }),
          },
        },
        async ({ tenant, params }, reply) => {
          await maps.remove(tenant, params.id);
          return reply.code(204).send();
        },
      );
    },
  };
}

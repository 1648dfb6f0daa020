import { parseExpr } from '@pharos/logql';
import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import { durationMs } from '../../kernel/config/values.ts';
import { type SavedSearches, savedSearch } from '../saved/store.ts';
import { fromQueryError } from './loki/guarded.ts';

const tags = ['logs'];
const byId = z.object({ id: z.string().regex(/^[\w-]{1,64}$/, 'expected 1 to 64 letters, digits, - and _') });
const draft = z.strictObject({
  name: z.string().trim().min(1).max(200).describe('Each name stands once.'),
  query: z.string().trim().min(1).max(10_000).describe('LogQL.'),
  range: z
    .string()
    .max(20)
    .refine((text) => durationMs(text) !== undefined, 'expected a duration such as 15m or 1h')
    .optional()
    .describe('How far back it looks, such as 1h.'),
});

export interface SearchesApiOptions {
  readonly searches: SavedSearches;
  readonly newId: () => string;
}

/** `GET|POST /api/v1/logs/searches`, `PUT|DELETE /api/v1/logs/searches/:id`: log queries that a team keeps. */
export function searchesApi({ searches, newId }: SearchesApiOptions): ApiModule {
  return {
    name: 'log-searches',
    renderError: renderPharosError,
    register(app) {
      app.get(
        '/api/v1/logs/searches',
        {
          schema: {
            tags,
            summary: 'Saved searches, by name',
            response: { 200: z.object({ searches: z.array(savedSearch) }) },
          },
        },
        ({ tenant }) => ({ searches: [...searches.list(tenant)] }),
      );
      app.post(
        '/api/v1/logs/searches',
        {
          schema: {
            tags,
            summary: 'Saves a log query under a name',
            body: draft,
            response: { 201: savedSearch },
          },
        },
        async ({ tenant, user, body }, reply) => {
          checkQuery(body.query);
          return reply.code(201).send(await searches.create(tenant, user, newId(), body));
        },
      );
      app.put(
        '/api/v1/logs/searches/:id',
        {
          schema: {
            tags,
            summary: 'Renames or changes a saved search',
            params: byId,
            body: draft.extend({
              version: z
                .number()
                .int()
                .min(1)
                .optional()
                .describe('The version the change was made on. Without it the last one wins.'),
            }),
            response: { 200: savedSearch },
          },
        },
        ({ tenant, user, params, body: { version, ...changed } }) => {
          checkQuery(changed.query);
          return searches.change(tenant, user, params.id, { ...changed, expected: version });
        },
      );
      app.delete(
        '/api/v1/logs/searches/:id',
        { schema: { tags, summary: 'Removes a saved search', params: byId } },
        async ({ tenant, params }, reply) => {
          await searches.remove(tenant, params.id);
          return reply.code(204).send();
        },
      );
    },
  };
}

/** What cannot be read is nothing to keep. */
function checkQuery(query: string): void {
  try {
    parseExpr(query);
  } catch (error) {
    throw fromQueryError(error);
  }
}

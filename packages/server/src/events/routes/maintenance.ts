import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Archives } from '../maintenance/archives.ts';
import type { Cleanup } from '../maintenance/cleanup.ts';

export interface MaintenanceApiDeps {
  readonly cleanup: Cleanup;
  readonly archives: Archives;
  readonly clock: Clock;
}

const tags = ['events'];
const HOUR_MS = 3_600_000;
const archive = z.object({ name: z.string(), bytes: z.number() });

/** `POST /api/v1/monitoring/maintenance/cleanup`, and the way back. */
export function eventMaintenanceApi({ cleanup, archives, clock }: MaintenanceApiDeps): ApiModule {
  return {
    name: 'event-maintenance',
    renderError: renderPharosError,
    register(app) {
      app.post(
        '/api/v1/monitoring/maintenance/cleanup',
        {
          schema: {
            tags,
            summary: 'Archives old events, compressed, then removes them',
            querystring: z.object({
              older_than_hours: z.coerce
                .number()
                .min(0)
                .max(24 * 3650)
                .default(24 * 30),
            }),
            response: {
              200: z.object({
                older_than_hours: z.number(),
                archived: z.number(),
                removed: z.number(),
                archive: archive.nullable().describe('Null when nothing was that old.'),
              }),
            },
          },
        },
        async ({ tenant, query: { older_than_hours: hours } }) => {
          const before = Math.max(0, Math.floor(clock.now() - hours * HOUR_MS));
          const { removed, archive: made } = await cleanup.cleanUp(tenant, { before });
          return { older_than_hours: hours, archived: removed, removed, archive: made };
        },
      );
      app.get(
        '/api/v1/monitoring/maintenance/archives',
        {
          schema: {
            tags,
            summary: 'Archives of events, newest first',
            response: { 200: z.object({ archives: z.array(archive) }) },
          },
        },
        async ({ tenant }) => ({ archives: [...(await archives.list(tenant))] }),
      );
      app.post(
        '/api/v1/monitoring/maintenance/restore',
        {
          schema: {
            tags,
            summary: 'Stores the events of an archive again, each once',
            body: z.strictObject({ archive: z.string().min(1).max(200).describe('Its name.') }),
            response: { 200: z.object({ archive: z.string(), restored: z.number() }) },
          },
        },
        async ({ tenant, body }) => ({
          archive: body.archive,
          restored: await cleanup.restore(tenant, body.archive),
        }),
      );
    },
  };
}

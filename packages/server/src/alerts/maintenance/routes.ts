import { z } from 'zod';
import { forDefaultTenant } from '../../http/default-tenant.ts';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import { noAlertmanager } from '../errors.ts';
import type { KnownWindow, MaintenanceBook } from './book.ts';
import { maintenanceSchema } from './schema.ts';
import { opensAt, openUntil } from './window.ts';

const tags = ['alerts'];
const shown = z.object({
  id: z.string(),
  configured: z.boolean().describe('Of the configuration file, which alone can change it.'),
  open_until: z.number().nullable().describe('Epoch ms; null while it is not open.'),
  opens_at: z.number().nullable().describe('Epoch ms of the next opening; null when there is none.'),
  window: maintenanceSchema,
});

/** Maintenance windows of alerts: who is in one is not told of. */
export function maintenanceApi({
  clock,
  maintenance,
}: {
  readonly clock: Clock;
  readonly maintenance: MaintenanceBook;
}): ApiModule {
  const show = ({ id, isConfigured, written, window }: KnownWindow): z.output<typeof shown> => ({
    id,
    configured: isConfigured,
    open_until: openUntil(window.times, clock.now()),
    opens_at: opensAt(window.times, clock.now()),
    window: written,
  });
  return {
    name: 'alert-maintenance',
    early: true,
    renderError: renderPharosError,
    register(app) {
      forDefaultTenant(app, noAlertmanager);
      app.get(
        '/api/v1/alerting/maintenance',
        {
          schema: {
            tags,
            summary: 'Maintenance windows of alerts',
            response: { 200: z.object({ windows: z.array(shown) }) },
          },
        },
        () => ({ windows: maintenance.all().map(show) }),
      );
      app.post(
        '/api/v1/alerting/maintenance',
        {
          schema: {
            tags,
            summary: 'Makes a maintenance window, once or on days of the week',
            body: maintenanceSchema,
            response: { 201: shown },
          },
        },
        async ({ body }, reply) => await reply.code(201).send(show(await maintenance.add(body))),
      );
      app.delete(
        '/api/v1/alerting/maintenance/:id',
        {
          schema: {
            tags,
            summary: 'Removes a maintenance window of the API',
            params: z.object({ id: z.string().max(100) }),
            response: { 204: z.null() },
          },
        },
        async ({ params }, reply) => {
          await maintenance.remove(params.id);
          return await reply.code(204).send(null);
        },
      );
    },
  };
}

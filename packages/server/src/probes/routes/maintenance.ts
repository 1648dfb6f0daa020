import { z } from 'zod';
import type { HttpApp } from '../../http/types.ts';
import { maintenanceWindow } from '../maintenance.ts';
import type { ProbeService } from '../service.ts';
import { windowList, windowOf, windowRow } from './shapes.ts';

const tags = ['probes'];
const byId = z.object({ id: z.string().min(1).max(100) });

/** `/api/v1/probes/maintenance`. */
export function maintenanceRoutes(app: HttpApp, service: ProbeService): void {
  const { maintenance } = service;
  app.get(
    '/api/v1/probes/maintenance',
    { schema: { tags, summary: 'Maintenance windows', response: { 200: windowList } } },
    ({ tenant }) => ({ windows: maintenance.list(tenant).map(windowOf) }),
  );
  app.post(
    '/api/v1/probes/maintenance',
    { schema: { tags, summary: 'Makes a window', body: maintenanceWindow, response: { 201: windowRow } } },
    async ({ tenant, body }, reply) => {
      const made = await maintenance.create(tenant, body);
      service.checkMaintenance();
      return await reply.code(201).send(windowOf(made));
    },
  );
  app.put(
    '/api/v1/probes/maintenance/:id',
    {
      schema: {
        tags,
        summary: 'Replaces a window; with `version`, only when nobody changed it meanwhile',
        params: byId,
        querystring: z.object({ version: z.coerce.number().int().optional() }),
        body: maintenanceWindow,
        response: { 200: windowRow },
      },
    },
    async ({ tenant, params, query, body }) => {
      const changed = await maintenance.replace(tenant, params.id, body, query.version);
      service.checkMaintenance();
      return windowOf(changed);
    },
  );
  app.delete(
    '/api/v1/probes/maintenance/:id',
    { schema: { tags, summary: 'Removes a window', params: byId } },
    async ({ tenant, params }, reply) => {
      await maintenance.remove(tenant, params.id);
      service.checkMaintenance();
      return await reply.code(204).send();
    },
  );
}

import type { HttpApp } from '../../../http/types.ts';
import { logsErrors } from '../../errors.ts';
import { documented } from './docs.ts';

/** The Loki whose API this is, for clients that look. */
const EMULATED_LOKI = '3.5.0';

/** Build, and what this server does not do, said clearly. */
export function registerStatusRoutes(
  app: HttpApp,
  build: { readonly version: string; readonly runtime: string },
): void {
  app.route({
    method: 'GET',
    url: '/loki/api/v1/status/buildinfo',
    ...documented('Version of the Loki API this server speaks.', []),
    handler: (_request, reply) =>
      reply.type('application/json').send(
        JSON.stringify({
          version: EMULATED_LOKI,
          revision: build.version,
          branch: 'HEAD',
          buildUser: 'pharos',
          buildDate: '',
          goVersion: build.runtime,
        }),
      ),
  });
  app.route({
    method: 'GET',
    url: '/loki/api/v1/delete',
    ...documented('Requests to delete lines; there are none.', []),
    handler: (_request, reply) => reply.type('application/json').send('[]'),
  });
  app.route({
    method: ['POST', 'PUT', 'DELETE'],
    url: '/loki/api/v1/delete',
    ...documented('Refused: lines leave by retention (`storage.retention.logs`).', []),
    handler: () => {
      throw logsErrors.make(
        'unsupported',
        'single log lines are not deleted; lines leave by retention, storage.retention.logs',
      );
    },
  });
}

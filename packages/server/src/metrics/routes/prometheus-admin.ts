import type { FastifyReply, FastifyRequest } from 'fastify';
import type { HttpApp } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Deletion } from '../deletion/deletion.ts';
import { metricsErrors } from '../errors.ts';
import { badParameter } from './prometheus-errors.ts';
import { Params } from './prometheus-params.ts';
import { documented } from './route-docs.ts';

export interface AdminRoutesDeps {
  readonly clock: Clock;
  readonly store: { readonly deletion: Deletion | null };
  readonly adminEnabled: boolean;
}

/** `/api/v1/admin/tsdb/*`: calls that delete data, off unless the operator allows them. */
export function registerAdminRoutes(app: HttpApp, deps: AdminRoutesDeps): void {
  const call = (
    url: string,
    summary: string,
    parameters: readonly (readonly [string, string])[],
    act: (deletion: Deletion, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
  ): void => {
    app.route({
      method: ['POST', 'PUT'],
      url,
      ...documented(`${summary} Needs \`web.enable_admin_api\`.`, parameters),
      handler: (request, reply) => {
        const { deletion } = deps.store;
        if (!deps.adminEnabled || deletion === null)
          throw metricsErrors.make('adminDisabled', 'admin APIs disabled');
        return act(deletion, request, reply);
      },
    });
  };
  call(
    '/api/v1/admin/tsdb/delete_series',
    'Deletes the samples of matching series.',
    [
      ['match[]', 'series selector; repeatable'],
      ['start', 'float seconds or RFC 3339'],
      ['end', 'float seconds or RFC 3339'],
    ],
    async (deletion, request, reply) => {
      const params = new Params(request);
      const matcherSets = params.matcherSets();
      if (matcherSets.length === 0) throw metricsErrors.make('badParameter', 'no match[] parameter provided');
      const { start, end } = params.window();
      if (end < start) throw badParameter('end', 'end timestamp must not be before start time');
      const range = { tenant: request.tenant, matcherSets, from: start, to: end };
      await deletion.delete(range, deps.clock.now());
      return reply.code(204).send();
    },
  );
  call(
    '/api/v1/admin/tsdb/clean_tombstones',
    'Removes what was deleted from the disk.',
    [],
    async (deletion, _request, reply) => {
      await deletion.clean(true);
      return reply.code(204).send();
    },
  );
}

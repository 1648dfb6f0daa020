import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { instant, iso } from '../../http/times.ts';
import type { HttpApp } from '../../http/types.ts';
import { errorsErrors } from '../errors.ts';
import { byId, type GroupsApiOptions, known } from './group-options.ts';
import { groupDetail, renderDetail } from './shapes.ts';

const tags = ['errors'];

const resolveBody = z
  .strictObject({
    release: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Repaired in this release: events of older ones do not count.'),
    in_next_release: z
      .boolean()
      .default(false)
      .describe('Repaired in the release after those that are known now.'),
  })
  .prefault({});
const ignoreBody = z
  .strictObject({
    until: instant.optional().describe('Open again from then on.'),
    count: z
      .number()
      .int()
      .positive()
      .max(1e9)
      .optional()
      .describe('Open again after so many further events.'),
  })
  .prefault({});

const mergeBody = z.strictObject({
  groups: z
    .array(byId.shape.id)
    .min(1)
    .max(100)
    .describe('Further groups of the same problem; they become part of this one, and stay so.'),
});

/** What people decide about a group: resolve, ignore, reopen, merge. */
export function decisionRoutes(app: HttpApp, { store, clock }: GroupsApiOptions): void {
  const { groups } = store;
  const schema = <Body extends z.ZodType>(summary: string, body: Body) => ({
    tags,
    summary,
    params: byId,
    body,
    response: { 200: groupDetail },
  });
  const who = ({ user }: FastifyRequest): { readonly at: number; readonly by: string } => ({
    at: clock.now(),
    by: user,
  });
  app.post(
    '/api/v1/errors/groups/:id/resolve',
    { schema: schema('Says that the error is repaired; it is regressed when it returns', resolveBody) },
    async (request) => {
      const { tenant, params, body } = request;
      const group = known(store, tenant, params.id);
      if (body.release !== undefined && body.in_next_release)
        throw errorsErrors.make(
          'badParameter',
          'release and in_next_release are both given, expected one of them',
        );
      const after = body.in_next_release ? groups.releasesOf(tenant, group) : undefined;
      const input = { kind: 'resolve', ...who(request), release: body.release, after } as const;
      return renderDetail(await groups.command(tenant, params.id, input), clock.now());
    },
  );
  app.post(
    '/api/v1/errors/groups/:id/ignore',
    {
      schema: schema('Leaves the error alone: for ever, until a time, or until it came so often', ignoreBody),
    },
    async (request) => {
      const { tenant, params, body } = request;
      const group = known(store, tenant, params.id);
      const now = clock.now();
      if (body.until !== undefined && body.until <= now)
        throw errorsErrors.make('badParameter', `until ${iso(body.until)} is over, expected a time to come`);
      const untilCount = body.count === undefined ? undefined : group.count + body.count;
      const input = { kind: 'ignore', ...who(request), until: body.until, untilCount } as const;
      return renderDetail(await groups.command(tenant, params.id, input), now);
    },
  );
  app.post(
    '/api/v1/errors/groups/:id/reopen',
    { schema: schema('Takes a decision back', z.strictObject({}).prefault({})) },
    async (request) => {
      const { tenant, params } = request;
      return renderDetail(
        await groups.command(tenant, params.id, { kind: 'reopen', ...who(request) }),
        clock.now(),
      );
    },
  );
  app.post(
    '/api/v1/errors/groups/:id/merge',
    { schema: schema('Makes other groups part of this one: their errors so far and to come', mergeBody) },
    async (request) => {
      const { tenant, params, body } = request;
      return renderDetail(await groups.merge(tenant, params.id, body.groups, who(request)), clock.now());
    },
  );
}

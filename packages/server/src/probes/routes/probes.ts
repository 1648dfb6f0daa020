import { z } from 'zod';
import { DEFAULT_TENANT } from '../../http/admit.ts';
import { renderPharosError } from '../../http/render.ts';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import { type ProbeDefinition, probeDefinition } from '../definition.ts';
import type { KnownProbe } from '../known.ts';
import type { ProbeService } from '../service.ts';
import { type ProbeHistory, probeHistory } from './history.ts';
import { maintenanceRoutes } from './maintenance.ts';
import { masked, probeDetail, probeList, rowOf, testAnswer, testAnswerOf, unmasked } from './shapes.ts';

export interface ProbesApiOptions {
  readonly service: ProbeService;
  readonly history: ProbeHistory;
  readonly now: () => number;
}

const tags = ['probes'];
const byId = z.object({ id: z.string().min(1).max(100) });
/** The worst first. */
const STATES = ['unhealthy', 'degraded', 'unknown', 'healthy', 'paused'] as const;

/** `/api/v1/probes` and `/api/v1/heartbeat/:token`. */
export function probesApi(options: ProbesApiOptions): ApiModule {
  return {
    name: 'probes',
    renderError: renderPharosError,
    register(app) {
      reading(app, options);
      one(app, options);
      probeHistory(app, options);
      maintenanceRoutes(app, options.service);
      writing(app, options);
      testing(app, options);
      changing(app, options);
      heartbeats(app, options);
    },
  };
}

function stateOf({ definition, state }: KnownProbe): (typeof STATES)[number] {
  return definition.paused ? 'paused' : state.status;
}

function reading(app: HttpApp, { service }: ProbesApiOptions): void {
  app.get(
    '/api/v1/probes',
    {
      schema: {
        tags,
        summary: 'Probes, the worst first, with what their last looks saw',
        querystring: z.object({
          q: z.string().max(200).optional().describe('Words of the name, target, service or tags.'),
          status: z.enum(STATES).optional(),
          service: z.string().max(200).optional(),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
          offset: z.coerce.number().int().min(0).default(0),
        }),
        response: { 200: probeList },
      },
    },
    ({ tenant, query }) => {
      const words = (query.q ?? '').toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = service.all(tenant).filter(({ definition, compiled, service: name }) => {
        if (query.service !== undefined && name !== query.service) return false;
        if (words.length === 0) return true;
        const text =
          `${definition.name} ${compiled.target} ${name ?? ''} ${definition.tags.join(' ')}`.toLowerCase();
        return words.every((word) => text.includes(word));
      });
      const byState = groupedByState(wanted);
      const found =
        query.status === undefined ? STATES.flatMap((state) => byState[state]) : byState[query.status];
      const { healthy, degraded, unhealthy, unknown, paused } = byState;
      return {
        total: found.length,
        counts: {
          all: wanted.length,
          healthy: healthy.length,
          degraded: degraded.length,
          unhealthy: unhealthy.length,
          unknown: unknown.length,
          paused: paused.length,
        },
        probes: found.slice(query.offset, query.offset + query.limit).map(rowOf),
      };
    },
  );
}

/** Each in the order in which they come: by name. */
function groupedByState(probes: readonly KnownProbe[]): Record<(typeof STATES)[number], KnownProbe[]> {
  const groups: Record<(typeof STATES)[number], KnownProbe[]> = {
    unhealthy: [],
    degraded: [],
    unknown: [],
    healthy: [],
    paused: [],
  };
  for (const probe of probes) groups[stateOf(probe)].push(probe);
  return groups;
}

function one(app: HttpApp, { service }: ProbesApiOptions): void {
  app.get(
    '/api/v1/probes/:id',
    {
      schema: {
        tags,
        summary: 'One probe with its definition and last failures',
        params: byId,
        response: { 200: probeDetail },
      },
    },
    async ({ tenant, params }) => await detailOf(service, service.get(tenant, params.id)),
  );
}

async function detailOf(service: ProbeService, probe: KnownProbe): Promise<z.output<typeof probeDetail>> {
  const token = await service.tokenOf(probe);
  return {
    ...rowOf(probe),
    definition: masked(probe.definition),
    version: probe.version,
    failures: probe.failures.map(({ at, reason }) => ({ at, reason })),
    heartbeatPath: token === null ? null : `/api/v1/heartbeat/${token}`,
  };
}

function writing(app: HttpApp, { service }: ProbesApiOptions): void {
  app.post(
    '/api/v1/probes',
    { schema: { tags, summary: 'Makes a probe', body: probeDefinition, response: { 201: probeDetail } } },
    async ({ tenant, body }, reply) =>
      reply.code(201).send(await detailOf(service, await service.create(tenant, unmasked(body, undefined)))),
  );
}

function testing(app: HttpApp, { service }: ProbesApiOptions): void {
  app.post(
    '/api/v1/probes/test',
    {
      schema: {
        tags,
        summary: 'Looks once as a definition says, and saves nothing',
        querystring: z.object({
          id: z
            .string()
            .max(100)
            .optional()
            .describe('The probe it changes: its secrets stand for masked ones.'),
        }),
        body: probeDefinition,
        response: { 200: testAnswer },
      },
    },
    async ({ tenant, query, body }) => {
      const before = query.id === undefined ? undefined : service.get(tenant, query.id).definition;
      return testAnswerOf(await service.test(unmasked(body, before)));
    },
  );
  app.post(
    '/api/v1/probes/:id/test',
    {
      schema: {
        tags,
        summary: 'Looks once as a probe does, and saves nothing',
        params: byId,
        response: { 200: testAnswer },
      },
    },
    async ({ tenant, params }) => testAnswerOf(await service.testKnown(tenant, params.id)),
  );
}

function changing(app: HttpApp, { service }: ProbesApiOptions): void {
  app.put(
    '/api/v1/probes/:id',
    {
      schema: {
        tags,
        summary: 'Replaces a probe; with `version`, only when nobody changed it meanwhile',
        params: byId,
        querystring: z.object({ version: z.coerce.number().int().optional() }),
        body: probeDefinition,
        response: { 200: probeDetail },
      },
    },
    async ({ tenant, params, query, body }) => {
      const { definition } = service.get(tenant, params.id);
      return await detailOf(
        service,
        await service.replace(tenant, params.id, unmasked(body, definition), query.version),
      );
    },
  );
  app.delete(
    '/api/v1/probes/:id',
    { schema: { tags, summary: 'Removes a probe; its series end', params: byId } },
    async ({ tenant, params }, reply) => {
      await service.remove(tenant, params.id);
      return reply.code(204).send();
    },
  );
  for (const [action, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const)
    app.post(
      `/api/v1/probes/:id/${action}`,
      {
        schema: {
          tags,
          summary: paused ? 'Stops looking' : 'Looks again',
          params: byId,
          response: { 200: probeDetail },
        },
      },
      async ({ tenant, params }) => {
        const { definition } = service.get(tenant, params.id);
        const changed: ProbeDefinition = { ...definition, paused };
        return await detailOf(service, await service.replace(tenant, params.id, changed));
      },
    );
}

/** A job reports that it is alive by asking for its address; the address is the secret. */
function heartbeats(app: HttpApp, { service }: ProbesApiOptions): void {
  app.route({
    method: ['GET', 'POST'],
    url: '/api/v1/heartbeat/:token',
    // Who knows the address may ask, without a login.
    config: { credentials: () => ({ user: '', tenants: [DEFAULT_TENANT], tenant: DEFAULT_TENANT }) },
    schema: {
      tags,
      summary: 'Says that a job is alive, or that it failed',
      params: z.object({ token: z.string().min(1).max(200) }),
      querystring: z.object({
        status: z.enum(['up', 'down']).default('up'),
        msg: z.string().max(500).default(''),
      }),
      response: { 200: z.object({ ok: z.literal(true) }) },
    },
    handler: ({ params, query }) => {
      service.beat(params.token, { success: query.status === 'up', text: query.msg });
      return { ok: true as const };
    },
  });
}

import type { FastifyRequest } from 'fastify';
import { renderPharosError } from '../http/render.ts';
import { iso, type WindowQuery, wanted, windowQuery } from '../http/times.ts';
import type { ApiModule, HttpApp } from '../http/types.ts';
import type { Clock } from '../kernel/clock.ts';
import type { LogRing } from '../kernel/log-ring.ts';
import type { ServiceNames } from '../kernel/names.ts';
import type { QueueState } from '../kernel/queues.ts';
import type { TargetRetriever } from '../metrics/index.ts';
import { type ConfigFacts, configView } from './config-view.ts';
import { type EngineView, engineView } from './engine.ts';
import { debugErrors } from './errors.ts';
import { lineShown } from './lines.ts';
import {
  configAnswer,
  engineAnswer,
  logsAnswer,
  logsQuery,
  queuesAnswer,
  targetsAnswer,
  targetsQuery,
} from './shapes.ts';
import { targetsView } from './targets.ts';

export interface DebugDeps {
  readonly clock: Clock;
  readonly names: ServiceNames;
  /** Whether who asks may see the inside; the name is empty without a login. */
  readonly isAdmin: (user: string) => boolean;
  readonly config: () => ConfigFacts;
  readonly queues: () => Promise<readonly QueueState[]>;
  readonly targets: TargetRetriever;
  readonly engine: EngineView;
  readonly log: Pick<LogRing, 'newest' | 'size' | 'dropped'>;
}

/** `GET /api/debug/config|queues|targets|engine|logs`: Pharos' inside, for its administrator alone. */
export function debugApi(deps: DebugDeps): ApiModule {
  return {
    name: 'debug',
    renderError: renderPharosError,
    register(app) {
      app.addHook('onRequest', async (request: FastifyRequest, reply) => {
        void reply.header('cache-control', 'no-store');
        if (!deps.isAdmin(request.user))
          throw debugErrors.make('adminOnly', `${request.url.split('?')[0]} is for the administrator`);
      });
      ofPharos(app, deps);
      withFilters(app, deps);
    },
  };
}

const tags = ['debug'];

/** What every answer that tells of Pharos alone begins with. */
function headOf({ clock }: DebugDeps, { window }: WindowQuery) {
  return {
    timestamp: iso(clock.now()),
    window: window.text,
    services: [{ name: 'pharos' as const }],
  };
}

function ofPharos(app: HttpApp, deps: DebugDeps): void {
  const summary = 'The configuration in effect, and where each setting comes from';
  app.get(
    '/api/debug/config',
    { schema: { tags, summary, querystring: windowQuery, response: { 200: configAnswer } } },
    ({ query }) => {
      const facts = deps.config();
      const { appliedAt, lastReloadSucceeded } = facts;
      return { ...headOf(deps, query), appliedAt: iso(appliedAt), lastReloadSucceeded, ...configView(facts) };
    },
  );
  app.get(
    '/api/debug/queues',
    {
      schema: {
        tags,
        summary: 'Every queue: how much waits, how long, how much may, what was lost',
        querystring: windowQuery,
        response: { 200: queuesAnswer },
      },
    },
    async ({ query }) => ({ ...headOf(deps, query), queues: [...(await deps.queues())] }),
  );
  app.get(
    '/api/debug/engine',
    {
      schema: {
        tags,
        summary: "The engine's process, its statements and its tables",
        querystring: windowQuery,
        response: { 200: engineAnswer },
      },
    },
    async ({ query }) => ({ ...headOf(deps, query), ...(await engineView(deps.engine)) }),
  );
}

function withFilters(app: HttpApp, deps: DebugDeps): void {
  app.get(
    '/api/debug/targets',
    {
      schema: {
        tags,
        summary: 'Scrape jobs, their targets and their state',
        querystring: targetsQuery,
        response: { 200: targetsAnswer },
      },
    },
    ({ query }) => {
      const { names, targets, clock } = deps;
      const keep = (service: string): boolean => wanted(query, names.canonical, service);
      return {
        timestamp: iso(clock.now()),
        window: query.window.text,
        ...targetsView(targets, names, query, keep),
      };
    },
  );
  app.get(
    '/api/debug/logs',
    {
      schema: {
        tags,
        summary: "The newest lines of Pharos' own log that are in the window",
        querystring: logsQuery,
        response: { 200: logsAnswer },
      },
    },
    ({ query }) => {
      const to = query.end ?? deps.clock.now();
      const { limit: most, level: atLeast, window } = query;
      return {
        ...headOf(deps, query),
        lines: deps.log.newest({ most, atLeast, from: to - window.ms, to }).map(lineShown),
        kept: deps.log.size,
        dropped: deps.log.dropped,
      };
    },
  );
}

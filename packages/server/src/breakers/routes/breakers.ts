import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import { iso, windowQuery } from '../../http/times.ts';
import type { ApiModule } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import { duration } from '../../kernel/config/values.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { holds } from '../command.ts';
import { breakerErrors } from '../errors.ts';
import { action, counts, state } from '../model.ts';
import { callsThrough } from '../past.ts';
import { proposal, proposalsFor } from '../proposals.ts';
import type { SeriesReader } from '../series.ts';
import type { Breakers } from '../service.ts';
import { breakerView } from '../view.ts';
import { giveCommand, given, nobody } from './give-command.ts';

export interface BreakersApiOptions {
  readonly breakers: Breakers;
  readonly names: ServiceNames;
  readonly clock: Clock;
  readonly reader: SeriesReader;
}

const name = z.string().min(1).max(200);
const limit = z.coerce.number().int().min(1).max(5_000).default(500);

const commandView = z.object({
  id: z.string(),
  action,
  service: z.string().nullable(),
  instance: z.string().nullable(),
  breaker: z.string().nullable(),
  upstream: z.string().nullable(),
  at: z.string(),
  until: z.string(),
  active: z.boolean(),
  by: z.string(),
  reason: z.string(),
  targets: z.number(),
  applied: z.number(),
});

const commandBody = z.strictObject({
  action,
  service: name.optional().describe('Whose breakers; all services when absent.'),
  breaker: name.optional().describe('Name of the breaker; all when absent.'),
  instance: name.optional().describe('One instance; all when absent.'),
  for: duration.optional().describe('How long a hold lasts, such as 15m; from 1s to 24h.'),
  reason: z.string().trim().min(1).max(200).describe('Why; kept with the command.'),
  dry_run: z.boolean().default(false).describe('Only says what it would mean.'),
});

const target = z.object({
  service: z.string(),
  instance: z.string(),
  breaker: z.string(),
  able: z.boolean(),
});

const MAX_TARGETS_SHOWN = 500;
const MIN_HOLD_MS = 1_000;
const MAX_HOLD_MS = 24 * 3_600_000;

/** `GET /api/v1/breakers`, `/history`, `/proposals`, and `GET|POST /commands` below it. */
export function breakersApi(options: BreakersApiOptions): ApiModule {
  const { breakers, names, clock } = options;
  const tags = ['breakers'];
  return {
    name: 'breakers',
    renderError: renderPharosError,
    register(app) {
      app.get(
        '/api/v1/breakers',
        {
          schema: {
            tags,
            summary: 'Every breaker with its instances, and how each service stands',
            querystring: z.object({ service: name.optional(), limit }),
            response: {
              200: z.object({
                timestamp: z.string(),
                total: z.number(),
                breakers: z.array(breakerView),
                services: z.array(
                  z.object({
                    service: z.string(),
                    state,
                    reasons: z.array(
                      z.object({
                        breaker: z.string(),
                        upstream: z.string(),
                        state,
                        forced: z.boolean(),
                        text: z.string(),
                        since: z.string().nullable(),
                      }),
                    ),
                  }),
                ),
              }),
            },
          },
        },
        async ({ query, tenant }) => {
          const wanted = query.service === undefined ? null : names.canonical(query.service);
          const rows = (await breakers.list(tenant)).filter(
            ({ service }) => wanted === null || service === wanted,
          );
          const services = (await breakers.states(tenant)).filter(
            ({ service }) => wanted === null || service === wanted,
          );
          return {
            timestamp: iso(clock.now()),
            total: rows.length,
            breakers: rows.slice(0, query.limit),
            services: services.map((one) => ({ ...one, reasons: [...one.reasons] })),
          };
        },
      );
      historyRoute(app, options);
      commandRoutes(app, options);
      proposalsRoute(app, options);
    },
  };
}

type App = Parameters<ApiModule['register']>[0];

function historyRoute(app: App, { breakers, names, clock }: BreakersApiOptions): void {
  app.get(
    '/api/v1/breakers/history',
    {
      schema: {
        tags: ['breakers'],
        summary: 'Changes of state, newest first',
        querystring: z.object({
          window: windowQuery.shape.window.prefault('24h'),
          service: name.optional(),
          breaker: name.optional(),
          limit,
        }),
        response: {
          200: z.object({
            partial: z.boolean().describe('The engine could not be asked: only the last changes are here.'),
            transitions: z.array(
              z.object({
                at: z.string(),
                service: z.string(),
                name: z.string(),
                instance: z.string(),
                upstream: z.string(),
                from: state,
                to: state,
                reason: z.string(),
                counts,
              }),
            ),
          }),
        },
      },
    },
    async ({ query, tenant }) => {
      const service = query.service === undefined ? undefined : names.canonical(query.service);
      const { list, partial } = await breakers.history.transitions(tenant, {
        since: clock.now() - query.window.ms,
        limit: query.limit,
        service,
        name: query.breaker,
      });
      return { partial, transitions: list.map((t) => ({ ...t, at: iso(t.at) })) };
    },
  );
}

function commandRoutes(app: App, { breakers, names, clock }: BreakersApiOptions): void {
  const tags = ['breakers'];
  app.get(
    '/api/v1/breakers/commands',
    {
      schema: {
        tags,
        summary: 'What was asked of breakers, by whom, why and until when; newest first',
        querystring: z.object({ limit }),
        response: { 200: z.object({ commands: z.array(commandView) }) },
      },
    },
    ({ query, tenant }) => ({
      commands: breakers.commands
        .list(tenant)
        .slice(0, query.limit)
        .map((one) => ({ ...one, at: iso(one.at), until: iso(one.until), active: one.until > clock.now() })),
    }),
  );
  app.post(
    '/api/v1/breakers/commands',
    {
      schema: {
        tags,
        summary: 'Resets, holds open, holds closed or releases breakers',
        body: commandBody,
        response: {
          200: z.object({ command: given.nullable(), targets: z.array(target), total: z.number() }),
        },
      },
    },
    async (request) => {
      const { action: what, breaker = null, instance = null, reason, dry_run: dry } = request.body;
      const service = request.body.service === undefined ? null : names.canonical(request.body.service);
      const scope = { service, breaker, instance, upstream: null };
      const forMs = holdOf(request.body);
      const targets = breakers.commands.targets(request.tenant, scope, what);
      if (!targets.some(({ able }) => able)) throw nobody(targets.length);
      const command = dry
        ? null
        : await giveCommand(breakers, request, { action: what, ...scope, forMs, reason });
      return { command, targets: targets.slice(0, MAX_TARGETS_SHOWN), total: targets.length };
    },
  );
}

function proposalsRoute(app: App, { breakers, clock, reader, names }: BreakersApiOptions): void {
  app.get(
    '/api/v1/breakers/proposals',
    {
      schema: {
        tags: ['breakers'],
        summary: 'Settings that would have served better over the past, with evidence; nothing is applied',
        querystring: z.object({ window: windowQuery.shape.window.prefault('7d') }),
        response: { 200: z.object({ window: z.string(), proposals: z.array(proposal) }) },
      },
    },
    async ({ query, tenant }) => {
      const now = clock.now();
      const [rows, calls, past] = await Promise.all([
        breakers.list(tenant),
        callsThrough(reader, names, { tenant, window: query.window.text, now }),
        breakers.history.transitions(tenant, { since: now - query.window.ms, limit: 10_000 }),
      ]);
      const oldestFirst = past.list.toReversed();
      return {
        window: query.window.text,
        proposals: rows
          .filter(({ source }) => source === 'channel')
          .flatMap(({ service, name: breaker, settings }) =>
            proposalsFor({
              service,
              name: breaker,
              settings,
              windowMs: query.window.ms,
              ...calls(service, breaker),
              transitions: oldestFirst.filter((t) => t.service === service && t.name === breaker),
            }),
          ),
      };
    },
  );
}

function holdOf(body: z.output<typeof commandBody>): number | null {
  if (!holds(body.action)) return null;
  const ms = body.for;
  if (ms !== undefined && ms >= MIN_HOLD_MS && ms <= MAX_HOLD_MS) return ms;
  throw breakerErrors.make(
    'invalidHold',
    `for: ${ms === undefined ? 'it is missing' : `${ms} ms`}; a hold needs an end from 1s to 24h, such as 15m`,
  );
}

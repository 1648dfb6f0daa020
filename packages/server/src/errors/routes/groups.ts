import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import { instant, iso } from '../../http/system-a.ts';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { errorsErrors } from '../errors.ts';
import type { ErrorEvent } from '../event.ts';
import type { ErrorGroup } from '../groups/group.ts';
import { GROUP_STATUSES } from '../groups/state.ts';
import { ERROR_TYPES, SEVERITIES } from '../kinds.ts';
import type { ErrorStore } from '../store/store.ts';
import { listText } from './params.ts';
import {
  eventDetail,
  eventSummary,
  groupDetail,
  groupShape,
  renderDetail,
  renderEvent,
  renderEventDetail,
  renderGroup,
} from './shapes.ts';

export interface GroupsApiOptions {
  readonly store: Pick<ErrorStore, 'groups' | 'reader'>;
  readonly clock: Clock;
  readonly names: ServiceNames;
  /** How long events are kept, ms. */
  readonly keepMs: number;
  /** An event with its frames as the sources have them, also when the map came later. */
  readonly mapped: (tenant: string, event: ErrorEvent) => Promise<ErrorEvent>;
}

const tags = ['errors'];
const byId = z.object({ id: z.string().regex(/^[0-9a-f]{16}$/, 'expected 16 hex digits') });

/** Groups of errors: found, read, decided upon. `/api/v1/errors/groups…`, `/api/v1/errors/events…`. */
export function errorGroupsApi(options: GroupsApiOptions): ApiModule {
  return {
    name: 'error-groups',
    renderError: renderPharosError,
    register(app) {
      listRoute(app, options);
      readRoutes(app, options);
      eventRoutes(app, options);
      commandRoutes(app, options);
    },
  };
}

const SORTS = {
  last_seen: (group: ErrorGroup) => group.lastSeen,
  first_seen: (group: ErrorGroup) => group.firstSeen,
  count: (group: ErrorGroup) => group.count,
  users: (group: ErrorGroup) => group.users.count,
} as const satisfies Record<string, (group: ErrorGroup) => number>;

const listQuery = z.object({
  status: listText('Only groups in these states.').pipe(z.array(z.enum(GROUP_STATUSES)).optional()),
  service: listText('Only groups that hurt these services.'),
  type: listText('Only errors of these types.').pipe(z.array(z.enum(ERROR_TYPES)).optional()),
  severity: listText('Only errors of these severities.').pipe(z.array(z.enum(SEVERITIES)).optional()),
  release: z.string().max(200).optional().describe('Only groups with an event of this release.'),
  environment: z.string().max(200).optional(),
  q: z.string().max(500).optional().describe('Words in name, message or place, whatever their case.'),
  since: instant.optional().describe('Only groups with an event since then.'),
  sort: z.enum(['last_seen', 'first_seen', 'count', 'users']).default('last_seen').describe('Highest first.'),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: z.string().max(100).optional().describe('`next` of the answer before.'),
});

function listRoute(app: HttpApp, { store, clock, names }: GroupsApiOptions): void {
  app.get(
    '/api/v1/errors/groups',
    {
      schema: {
        tags,
        summary: 'Groups of errors, filtered and sorted',
        querystring: listQuery,
        response: {
          200: z.object({
            total: z.number().describe('Groups that the filters leave.'),
            by_status: z
              .record(z.enum(GROUP_STATUSES), z.number())
              .describe('Of the groups that the other filters leave.'),
            next: z.string().nullable(),
            groups: z.array(groupShape),
          }),
        },
      },
    },
    ({ tenant, query }) => {
      const now = clock.now();
      const all = store.groups.list(tenant).filter((group) => isWanted(group, query, names));
      const found = all.filter(
        ({ state }) => query.status === undefined || query.status.includes(state.status),
      );
      const value = SORTS[query.sort];
      const key = (group: ErrorGroup): [number, string] => [value(group), group.id];
      found.sort((a, b) => compare(key(a), key(b)));
      const after = query.cursor === undefined ? null : parseCursor(query.cursor);
      const rest = after === null ? found : found.filter((group) => compare(after, key(group)) < 0);
      const page = rest.slice(0, query.limit);
      const last = page.at(-1);
      const inState = (status: (typeof GROUP_STATUSES)[number]): number =>
        all.filter(({ state }) => state.status === status).length;
      return {
        total: found.length,
        by_status: {
          open: inState('open'),
          resolved: inState('resolved'),
          ignored: inState('ignored'),
          regressed: inState('regressed'),
        },
        next: rest.length > page.length && last !== undefined ? key(last).join('-') : null,
        groups: page.map((group) => renderGroup(group, now)),
      };
    },
  );
}

function isWanted(group: ErrorGroup, query: z.output<typeof listQuery>, names: ServiceNames): boolean {
  const text = `${group.name} ${group.message} ${group.culprit}`.toLowerCase();
  return (
    (query.service === undefined ||
      query.service.some((name) => group.services.has(names.canonical(name)))) &&
    (query.type === undefined || query.type.includes(group.type)) &&
    (query.severity === undefined || query.severity.includes(group.severity)) &&
    (query.release === undefined || group.releases.has(query.release)) &&
    (query.environment === undefined || group.environments.has(query.environment)) &&
    (query.since === undefined || group.lastSeen >= query.since) &&
    (query.q ?? '')
      .toLowerCase()
      .split(/\s+/)
      .every((word) => text.includes(word))
  );
}

/** Highest value first; equal ones by id. */
function compare(a: readonly [number, string], b: readonly [number, string]): number {
  return b[0] - a[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0);
}

function parseCursor(text: string): [number, string] {
  const match = /^(\d{1,16})-([0-9a-f]{16})$/.exec(text);
  if (match === null)
    throw errorsErrors.make(
      'badParameter',
      `cursor ${JSON.stringify(text)}, expected the \`next\` of an earlier answer`,
    );
  return [Number(match[1]), match[2] ?? ''];
}

function known(store: GroupsApiOptions['store'], tenant: string, id: string): ErrorGroup {
  const group = store.groups.find(tenant, id);
  if (group === undefined) throw errorsErrors.make('unknownGroup', `there is no group ${JSON.stringify(id)}`);
  return group;
}

const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(100).optional().describe('`next` of the answer before.'),
});
const eventsAnswer = z.object({
  next: z.string().nullable(),
  warnings: z.array(z.string()),
  events: z.array(eventSummary),
});

function readRoutes(app: HttpApp, options: GroupsApiOptions): void {
  const { store, clock, keepMs } = options;
  app.get(
    '/api/v1/errors/groups/:id',
    { schema: { tags, summary: 'A group of errors', params: byId, response: { 200: groupDetail } } },
    ({ tenant, params }) => renderDetail(known(store, tenant, params.id), clock.now()),
  );
  app.get(
    '/api/v1/errors/groups/:id/events',
    {
      schema: {
        tags,
        summary: 'The events of a group, newest first',
        params: byId,
        querystring: pageQuery,
        response: { 200: eventsAnswer },
      },
    },
    async ({ tenant, params, query, signal }) => {
      const group = known(store, tenant, params.id);
      const now = clock.now();
      const asked = {
        tenant,
        from: Math.max(0, now - keepMs),
        to: Math.max(group.lastSeen, now),
        group: group.id,
      };
      return eventsPage(store, asked, query, signal);
    },
  );
}

async function eventsPage(
  store: GroupsApiOptions['store'],
  asked: Parameters<ErrorStore['reader']['page']>[0],
  { limit, cursor }: z.output<typeof pageQuery>,
  signal: AbortSignal,
): Promise<z.input<typeof eventsAnswer>> {
  const after = cursor === undefined ? undefined : parsePlace(cursor);
  const { errors, more, warnings } = await store.reader.page(asked, limit, after, signal);
  const last = errors.at(-1)?.event;
  return {
    next: more && last !== undefined ? `${last.time}-${last.id}` : null,
    warnings: [...warnings],
    events: errors.map(renderEvent),
  };
}

export function parsePlace(text: string): { readonly time: number; readonly id: string } {
  const match = /^(\d{1,16})-([0-9a-f]{32})$/.exec(text);
  const time = Number(match?.[1] ?? Number.NaN);
  if (match === null || time > 8.64e15)
    throw errorsErrors.make(
      'badParameter',
      `cursor ${JSON.stringify(text)}, expected the \`next\` of an earlier answer`,
    );
  return { time, id: match[2] ?? '' };
}

const eventsQuery = pageQuery.extend({
  trace_id: z.string().max(64).optional(),
  request_id: z.string().max(200).optional(),
  service: listText('Only these services.'),
  start: instant.optional(),
  end: instant.optional(),
});

function eventRoutes(app: HttpApp, { store, clock, names, keepMs, mapped }: GroupsApiOptions): void {
  app.get(
    '/api/v1/errors/events',
    {
      schema: {
        tags,
        summary: 'Errors of a trace, a request or a service, newest first',
        querystring: eventsQuery,
        response: { 200: eventsAnswer },
      },
    },
    async ({ tenant, query, signal }) => {
      const end = query.end ?? clock.now();
      const from = Math.max(0, query.start ?? end - keepMs);
      if (from > end)
        throw errorsErrors.make(
          'badParameter',
          `start ${iso(from)} is after end ${iso(end)}, expected it before`,
        );
      const asked = {
        tenant,
        from,
        to: end,
        services: query.service?.map((name) => names.canonical(name)),
        traceId: query.trace_id?.toLowerCase(),
        requestId: query.request_id,
      };
      return eventsPage(store, asked, query, signal);
    },
  );
  app.get(
    '/api/v1/errors/events/:id',
    {
      schema: {
        tags,
        summary: 'One error with its stack',
        params: z.object({ id: z.string().regex(/^[0-9a-f]{32}$/, 'expected 32 hex digits') }),
        response: { 200: eventDetail },
      },
    },
    async ({ tenant, params, signal }) => {
      const now = clock.now();
      const asked = { tenant, from: Math.max(0, now - keepMs), to: now + keepMs, id: params.id };
      const { errors, warnings } = await store.reader.page(asked, 1, undefined, signal);
      const [error] = errors;
      if (error === undefined)
        throw errorsErrors.make('unknownEvent', [`there is no error ${params.id}`, ...warnings].join('; '));
      return renderEventDetail(error, await mapped(tenant, error.event));
    },
  );
}

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

function commandRoutes(app: HttpApp, { store, clock }: GroupsApiOptions): void {
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
}

import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import { instant } from '../../http/times.ts';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { errorsErrors } from '../errors.ts';
import type { ErrorGroup } from '../groups/group.ts';
import { GROUP_STATUSES } from '../groups/state.ts';
import { ERROR_TYPES, SEVERITIES } from '../kinds.ts';
import { decisionRoutes } from './decisions.ts';
import { eventsAnswer, eventsPage, pageQuery } from './event-pages.ts';
import { eventRoutes } from './events.ts';
import { byId, type GroupsApiOptions, known } from './group-options.ts';
import { listText } from './params.ts';
import { groupDetail, groupShape, renderDetail, renderGroup } from './shapes.ts';

const tags = ['errors'];

/** Groups of errors: found, read, decided upon. `/api/v1/errors/groups…`, `/api/v1/errors/events…`. */
export function errorGroupsApi(options: GroupsApiOptions): ApiModule {
  return {
    name: 'error-groups',
    renderError: renderPharosError,
    register(app) {
      listRoute(app, options);
      readRoutes(app, options);
      eventRoutes(app, options);
      decisionRoutes(app, options);
    },
  };
}

const SORTS = {
  last_seen: (group: ErrorGroup) => group.lastSeen,
  first_seen: (group: ErrorGroup) => group.firstSeen,
  count: (group: ErrorGroup) => group.count,
  users: (group: ErrorGroup) => group.users.count,
} as const satisfies Record<string, (group: ErrorGroup) => number>;

interface Ranked {
  readonly group: ErrorGroup;
  readonly key: readonly [number, string];
}

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
      // Once for each group: users are counted in a thousand steps.
      const ranked = found
        .map((group): Ranked => ({ group, key: [SORTS[query.sort](group), group.id] }))
        .sort((a, b) => compare(a.key, b.key));
      const after = query.cursor === undefined ? null : parseCursor(query.cursor);
      const rest = after === null ? ranked : ranked.filter(({ key }) => compare(after, key) < 0);
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
        next: rest.length > page.length && last !== undefined ? last.key.join('-') : null,
        groups: page.map(({ group }) => renderGroup(group, now)),
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

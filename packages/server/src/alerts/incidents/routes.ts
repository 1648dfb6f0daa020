import { z } from 'zod';
import { type IncidentCause, type IncidentQuestion, incidentCauseAnswer } from '../../analysis/index.ts';
import { forDefaultTenant } from '../../http/default-tenant.ts';
import { renderPharosError } from '../../http/render.ts';
import { instant } from '../../http/times.ts';
import type { ApiModule, HttpApp } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import { alertErrors, noAlertmanager } from '../errors.ts';
import { whoOf } from '../oncall/api/pages-api.ts';
import { type AccountDeps, accountOf } from './account.ts';
import type { IncidentAct } from './acts.ts';
import { endOf, type Incident, SEVERITIES, servicesOf, severityOf, startOf } from './incident.ts';
import type { Incidents } from './incidents.ts';
import { postMortem } from './post-mortem.ts';
import {
  accountJson,
  accountShape,
  incidentJson,
  incidentShape,
  STATES,
  summaryJson,
  summaryShape,
} from './shapes.ts';

export interface IncidentsApiOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly incidents: Incidents;
  readonly account: AccountDeps;
  /** What is suspected to be the cause of one. */
  cause(incident: IncidentQuestion): Promise<IncidentCause>;
  /** Names of those who may be on call; anybody where there are none. */
  people(): readonly string[];
  /** Where Pharos is found from outside. */
  externalUrl(): string;
}

const tags = ['incidents'];
/** What is in memory answers while Pharos starts; what happened around an incident is read from the engine. */
const EARLY = { early: true };
const severity = z.enum(SEVERITIES);
/** People that a refusal names. */
const MOST_NAMED = 10;
const id = z.string().regex(/^\d{1,15}$/, 'expected the number of an incident');
const path = z.object({ id });
const who = {
  by: z.string().max(100).optional().describe('Who does it, where there is no login that says so.'),
};

/** Incidents of alerts: `/api/v1/incidents`. */
export function alertIncidentsApi(options: IncidentsApiOptions): ApiModule {
  return {
    name: 'alert-incidents',
    renderError: renderPharosError,
    register(app) {
      forDefaultTenant(app, noAlertmanager);
      listRoute(app, options);
      readRoutes(app, options);
      editRoute(app, options);
      actRoutes(app, options);
    },
  };
}

const listQuery = z.object({
  state: z
    .union([z.enum(STATES), z.array(z.enum(STATES))])
    .optional()
    .describe('May be given again.'),
  severity: z
    .union([severity, z.array(severity)])
    .optional()
    .describe('May be given again.'),
  service: z.string().max(200).optional().describe('Of which an alert is about it.'),
  fingerprint: z.string().max(100).optional().describe('Of an alert that is or was part of it.'),
  assignee: z.string().max(100).optional(),
  from: instant.optional().describe('Over after it, or not yet.'),
  to: instant.optional().describe('Begun before it.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

function listRoute(app: HttpApp, { incidents, clock, people }: IncidentsApiOptions): void {
  app.get(
    '/api/v1/incidents',
    {
      config: EARLY,
      schema: {
        tags,
        summary: 'Incidents: alerts that belong together; those that are open first, then the newest',
        querystring: listQuery,
        response: {
          200: z.object({
            at: z.number().describe('Epoch ms.'),
            total: z.number().describe('Of those that were asked for.'),
            open: z.number().describe('Of all.'),
            people: z.array(z.string()).describe('To whom one may be assigned; anybody where empty.'),
            incidents: z.array(summaryShape),
          }),
        },
      },
    },
    ({ query }) => {
      const found = openFirst(incidents.book.all().filter(wanted(query)));
      return {
        at: clock.now(),
        total: found.length,
        open: incidents.book.open().length,
        people: [...people()],
        incidents: found.slice(0, query.limit).map(summaryJson),
      };
    },
  );
}

/** One that has been open for long is what is looked for, however many were over since. */
function openFirst(incidents: readonly Incident[]): readonly Incident[] {
  const isOpen = ({ phase }: Incident): boolean => phase.kind === 'open';
  return [...incidents.filter(isOpen), ...incidents.filter((one) => !isOpen(one))];
}

function wanted(query: z.output<typeof listQuery>): (incident: Incident) => boolean {
  const { service, fingerprint, assignee, from, to } = query;
  const states = query.state === undefined ? null : [query.state].flat();
  const severities = query.severity === undefined ? null : [query.severity].flat();
  return (incident) =>
    (states === null || states.includes(incident.phase.kind)) &&
    (severities === null || severities.includes(severityOf(incident))) &&
    (assignee === undefined || incident.assignee === assignee) &&
    (from === undefined || (endOf(incident) ?? Number.POSITIVE_INFINITY) >= from) &&
    (to === undefined || startOf(incident) <= to) &&
    (service === undefined || servicesOf(incident).includes(service)) &&
    (fingerprint === undefined || incident.members.some((one) => one.fingerprint === fingerprint));
}

function readRoutes(app: HttpApp, options: IncidentsApiOptions): void {
  const { incidents, clock, log, account, cause, externalUrl } = options;
  app.get(
    '/api/v1/incidents/:id',
    {
      schema: {
        tags,
        summary: 'One incident: its alerts, why they belong together, and everything that happened around it',
        params: path,
        response: { 200: accountShape },
      },
    },
    async ({ params, signal }) => {
      const incident = known(incidents, params.id);
      const told = await accountOf(incident, account, { now: clock.now(), signal });
      return accountJson(incident, incidents.book, told);
    },
  );
  app.get(
    '/api/v1/incidents/:id/root_cause',
    {
      schema: {
        tags,
        summary:
          'What may be the cause of an incident, and what was not well beside it; each with the reason',
        params: path,
        response: { 200: incidentCauseAnswer },
      },
    },
    ({ params, signal }) => cause(questionOf(known(incidents, params.id), signal)),
  );
  app.get(
    '/api/v1/incidents/:id/export.md',
    {
      schema: {
        tags,
        summary: 'The post-mortem of an incident, begun: facts filled in, questions open; Markdown',
        params: path,
      },
    },
    async ({ params, signal }, reply) => {
      const incident = known(incidents, params.id);
      const now = clock.now();
      const [{ entries, warnings }, suspected] = await Promise.all([
        accountOf(incident, account, { now, signal }),
        // What else is known is told without it.
        cause(questionOf(incident, signal)).catch((err: unknown) => {
          // Whoever asked and left is no fault of ours.
          if (!signal.aborted)
            log.warn(
              { incident: incident.id, err },
              'what is suspected of an incident could not be read for its post-mortem',
            );
          return null;
        }),
      ]);
      const url = `${externalUrl()}/incidents/${incident.id}`;
      return await reply
        .type('text/markdown; charset=utf-8')
        .header('content-disposition', `attachment; filename="incident-${incident.id}.md"`)
        .send(postMortem(incident, { entries, suspected, warnings, url, now }));
    },
  );
}

/** Of what an incident says of itself, what matters to its cause. */
function questionOf(incident: Incident, signal: AbortSignal): IncidentQuestion {
  return { startedAt: startOf(incident), endedAt: endOf(incident), services: servicesOf(incident), signal };
}

function known(incidents: Incidents, number: string): Incident {
  const found = incidents.book.get(number);
  if (found === undefined) throw alertErrors.make('unknownIncident', `there is no incident #${number}`);
  return found;
}

const edits = z
  .object({
    ...who,
    title: z.string().trim().min(1).max(300).nullish().describe('Null: as its alerts say.'),
    severity: severity.nullish().describe('Null: as its alerts say.'),
    assignee: z.string().trim().max(100).optional().describe('Empty for nobody.'),
  })
  .refine(
    ({ title, severity: level, assignee }) =>
      title !== undefined || level !== undefined || assignee !== undefined,
    {
      error: 'expected a title, a severity or an assignee',
    },
  );

function editRoute(app: HttpApp, { incidents, people }: IncidentsApiOptions): void {
  app.patch(
    '/api/v1/incidents/:id',
    {
      config: EARLY,
      schema: {
        tags,
        summary: 'Names an incident, judges how bad it is, assigns it',
        params: path,
        body: edits,
        response: { 200: incidentShape },
      },
    },
    async ({ params, body, user }) => {
      const { title, severity: level, assignee } = body;
      const named = people();
      if (assignee !== undefined && assignee !== '' && named.length > 0 && !named.includes(assignee))
        throw alertErrors.make(
          'incident',
          `assignee: there is no person "${assignee}" in the on-call file; expected ${named.slice(0, MOST_NAMED).join(', ')}${named.length > MOST_NAMED ? ' ...' : ''}`,
        );
      const edit = { kind: 'edit', title, severity: level, assignee } as const;
      return incidentJson(await incidents.act(params.id, edit, whoOf(user, body.by)), incidents.book);
    },
  );
}

const fingerprints = z.array(z.string().max(100)).min(1).max(1000);

/** Each act: its path, what it says of itself, its body, and what it does. */
function actRoutes(app: HttpApp, options: IncidentsApiOptions): void {
  actRoute(app, options, {
    name: 'resolve',
    summary: 'Resolves an incident, also while alerts of it fire: they stay part of it',
    body: z.object({ ...who, note: z.string().trim().max(10_000).default('') }),
    act: ({ note }) => ({ kind: 'resolve', note }),
  });
  actRoute(app, options, {
    name: 'reopen',
    summary: 'Opens an incident again',
    body: z.object(who),
    act: () => ({ kind: 'reopen' }),
  });
  actRoute(app, options, {
    name: 'notes',
    summary: 'Writes a note into the timeline of an incident',
    body: z.object({ ...who, text: z.string().trim().min(1).max(10_000) }),
    act: ({ text }) => ({ kind: 'note', text }),
  });
  actRoute(app, options, {
    name: 'merge',
    summary: 'Makes another incident part of this one; the older number stays. It can be taken out again',
    body: z.object({ ...who, other: id }),
    act: ({ other }) => ({ kind: 'merge', other }),
  });
  actRoute(app, options, {
    name: 'split',
    summary: 'Takes alerts out, into an incident of their own that is not merged again by itself',
    body: z.object({ ...who, fingerprints }),
    act: (body) => ({ kind: 'split', fingerprints: body.fingerprints }),
  });
  actRoute(app, options, {
    name: 'unmerge',
    summary: 'Takes an incident that became part of this one out again',
    body: z.object({ ...who, other: id }),
    act: ({ other }) => ({ kind: 'unmerge', other }),
  });
}

interface ActDoor<Body extends z.ZodType<{ readonly by?: string | undefined }>> {
  readonly name: string;
  readonly summary: string;
  readonly body: Body;
  readonly act: (body: z.output<Body>) => IncidentAct;
}

function actRoute<Body extends z.ZodType<{ readonly by?: string | undefined }>>(
  app: HttpApp,
  { incidents }: IncidentsApiOptions,
  { name, summary, body, act }: ActDoor<Body>,
): void {
  app.post(
    `/api/v1/incidents/:id/${name}`,
    { config: EARLY, schema: { tags, summary, params: path, body, response: { 200: incidentShape } } },
    async (request) => {
      // Taken already; of a body of any kind the door itself cannot say so.
      const said = body.parse(request.body);
      const done = await incidents.act(request.params.id, act(said), whoOf(request.user, said.by));
      return incidentJson(done, incidents.book);
    },
  );
}

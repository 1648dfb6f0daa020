import { z } from 'zod';
import type { HttpApp } from '../../../http/types.ts';
import { alertErrors } from '../../errors.ts';
import type { Escalations } from '../escalations.ts';
import { dueAt, PAGE_EVENTS, type Page } from '../page/page.ts';

const tags = ['on call'];
const time = z.number().describe('Epoch ms.');
const STATES = ['escalating', 'acknowledged', 'exhausted', 'ended'] as const;

const page = z.object({
  id: z.string(),
  state: z.enum(STATES).describe('exhausted: everybody was told, and nobody acknowledged.'),
  receiver: z.string().describe("The receiver of Alertmanager's file that led to the policy."),
  group: z.string(),
  policy: z.string(),
  rule: z.string().describe("How urgent it is, by the name of the policy's rule."),
  labels: z.record(z.string(), z.string()).describe('Of its first alert.'),
  annotations: z.record(z.string(), z.string()),
  firing: z.number().describe('Alerts that fire, or did until it ended.'),
  fingerprints: z.array(z.string()).describe('Of these alerts, at most 2000.'),
  opened_at: time,
  ended_at: time.nullable(),
  next_at: time.nullable().describe('When somebody is told next, or the acknowledgement is over.'),
  acknowledged_by: z.string().describe('Empty while nobody has.'),
  acknowledged_at: time.nullable(),
  told: z.array(z.object({ receiver: z.string(), person: z.string().nullable() })),
  events: z.array(z.object({ at: time, what: z.enum(PAGE_EVENTS), by: z.string(), text: z.string() })),
});

const pagePath = z.object({ id: z.string().max(100) });
const act = z
  .object({
    by: z.string().max(100).optional().describe('Who does it, where there is no login that says so.'),
    note: z.string().max(1000).default(''),
  })
  .nullish();

/** Pages: outages on their way through a policy. */
export function pageRoutes(app: HttpApp, escalations: Escalations): void {
  reading(app, escalations);
  acting(app, escalations);
}

function reading(app: HttpApp, { book }: Pick<Escalations, 'book'>): void {
  app.get(
    '/api/v1/oncall/pages',
    {
      schema: {
        tags,
        summary: 'Pages, newest first: open ones, and those that ended within 30 days',
        querystring: z.object({
          state: z.union([z.enum(STATES), z.array(z.enum(STATES))]).optional(),
          fingerprint: z.string().max(100).optional().describe('Of an alert that the page is about.'),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
        }),
        response: { 200: z.object({ pages: z.array(page) }) },
      },
    },
    ({ query }) => {
      const states = query.state === undefined ? STATES : [query.state].flat();
      const { fingerprint } = query;
      const found = book
        .all()
        .filter(({ phase }) => states.includes(phase.kind))
        .filter((one) => fingerprint === undefined || one.fingerprints.includes(fingerprint));
      return { pages: found.slice(0, query.limit).map(shown) };
    },
  );
  app.get(
    '/api/v1/oncall/pages/:id',
    { schema: { tags, summary: 'One page', params: pagePath, response: { 200: page } } },
    ({ params }) => {
      const found = book.get(params.id);
      if (found === undefined) throw alertErrors.make('unknownPage', `there is no page "${params.id}"`);
      return shown(found);
    },
  );
}

const VIA = 'over the API';

function acting(app: HttpApp, escalations: Escalations): void {
  const acts = {
    acknowledge: 'Acknowledges a page: nobody else is told',
    unacknowledge: 'Takes the acknowledgement of a page back: it is told on from where it stood',
    escalate: 'Tells the next level of a page now',
  } as const;
  for (const what of ['acknowledge', 'unacknowledge', 'escalate'] as const)
    app.post(
      `/api/v1/oncall/pages/:id/${what}`,
      { schema: { tags, summary: acts[what], params: pagePath, body: act, response: { 200: page } } },
      async ({ params, body, user }) => {
        const by = whoOf(user, body?.by);
        const done =
          what === 'acknowledge'
            ? await escalations.acknowledge(params.id, { by, via: VIA }, body?.note)
            : await escalations[what](params.id, { by, via: VIA });
        return shown(done);
      },
    );
}

/** A login says who it is; without one people say so themselves. */
export function whoOf(user: string, said: string | undefined): string {
  if (user !== '') return user;
  const name = said?.trim() ?? '';
  return name === '' ? 'somebody' : name;
}

function shown(one: Page): z.output<typeof page> {
  const { phase } = one;
  const isAcknowledged = phase.kind === 'acknowledged';
  return {
    id: one.id,
    state: phase.kind,
    receiver: one.receiver,
    group: one.group,
    policy: one.policy,
    rule: one.rule,
    labels: Object.fromEntries(one.labels),
    annotations: Object.fromEntries(one.annotations),
    firing: one.firing,
    fingerprints: [...one.fingerprints],
    opened_at: one.openedAt,
    ended_at: phase.kind === 'ended' ? phase.at : null,
    next_at: dueAt(one),
    acknowledged_by: isAcknowledged ? phase.by : '',
    acknowledged_at: isAcknowledged ? phase.at : null,
    told: [...one.told],
    events: [...one.events],
  };
}

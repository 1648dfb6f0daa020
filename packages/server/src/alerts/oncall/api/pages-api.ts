import { z } from 'zod';
import type { HttpApp } from '../../../http/types.ts';
import { alertErrors } from '../../errors.ts';
import type { Escalations } from '../escalations.ts';
import { dueAt, PAGE_EVENTS, type Page } from '../page/page.ts';

const tags = ['on call'];
const time = z.number().describe('Epoch ms.');
const STATES = ['escalating', 'acknowledged', 'exhausted', 'ended'] as const;

const recipient = z.object({ receiver: z.string(), person: z.string().nullable() });
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
  next: z
    .object({
      at: time,
      level: z.number().describe('From 1.'),
      levels: z.number(),
      time: z.number().describe('The how-manieth of `times`, from 1.'),
      times: z.number(),
      recipients: z.array(recipient),
    })
    .nullable()
    .describe('Whom it tells next, as schedules are now; null when nobody is.'),
  acknowledged_by: z.string().describe('Empty while nobody has.'),
  acknowledged_at: time.nullable(),
  told: z.array(recipient),
  events: z.array(z.object({ at: time, what: z.enum(PAGE_EVENTS), by: z.string(), text: z.string() })),
});

const pagePath = z.object({ id: z.string().max(100) });
const by = z.string().max(100).optional().describe('Who does it, where there is no login that says so.');
const MOST_AT_ONCE = 1000;
const act = z
  .object({
    by,
    note: z.string().max(1000).default(''),
  })
  .nullish();

/** Pages: outages on their way through a policy. */
export function pageRoutes(app: HttpApp, escalations: Escalations): void {
  reading(app, escalations);
  acting(app, escalations);
  acknowledgingMany(app, escalations);
}

function reading(app: HttpApp, escalations: Escalations): void {
  const { book } = escalations;
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
      return { pages: found.slice(0, query.limit).map((one) => shown(one, escalations)) };
    },
  );
  app.get(
    '/api/v1/oncall/pages/:id',
    { schema: { tags, summary: 'One page', params: pagePath, response: { 200: page } } },
    ({ params }) => {
      const found = book.get(params.id);
      if (found === undefined) throw alertErrors.make('unknownPage', `there is no page "${params.id}"`);
      return shown(found, escalations);
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
        const who = { by: whoOf(user, body?.by), via: VIA };
        const done =
          what === 'acknowledge'
            ? await escalations.acknowledge(params.id, who, body?.note)
            : await escalations[what](params.id, who);
        return shown(done, escalations);
      },
    );
}

/** Of many at once: what a hand on the list of alerts chooses. */
function acknowledgingMany(app: HttpApp, escalations: Escalations): void {
  app.post(
    '/api/v1/oncall/acknowledge',
    {
      schema: {
        tags,
        summary:
          'Acknowledges pages; one that has ended meanwhile, or is unknown, keeps none from the others',
        body: z.object({
          pages: z.array(z.string().max(100)).min(1).max(MOST_AT_ONCE),
          by,
          note: z.string().max(1000).default(''),
        }),
        response: {
          200: z.object({
            acknowledged: z.array(z.string()).describe('Ids.'),
            refused: z.array(z.object({ id: z.string(), reason: z.string() })),
          }),
        },
      },
    },
    async ({ body, user }) => {
      const who = { by: whoOf(user, body.by), via: VIA };
      const acknowledged: string[] = [];
      const refused: { id: string; reason: string }[] = [];
      for (const id of new Set(body.pages)) {
        try {
          await escalations.acknowledge(id, who, body.note);
          acknowledged.push(id);
        } catch (error) {
          if (!alertErrors.is(error, 'endedPage') && !alertErrors.is(error, 'unknownPage')) throw error;
          refused.push({ id, reason: error.message });
        }
      }
      return { acknowledged, refused };
    },
  );
}

/** A login says who it is; without one people say so themselves. */
export function whoOf(user: string, said: string | undefined): string {
  if (user !== '') return user;
  const name = said?.trim() ?? '';
  return name === '' ? 'somebody' : name;
}

function shown(one: Page, escalations: Pick<Escalations, 'next'>): z.output<typeof page> {
  const { phase } = one;
  const isAcknowledged = phase.kind === 'acknowledged';
  const next = escalations.next(one);
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
    next: next === null ? null : { ...next, recipients: [...next.recipients] },
    acknowledged_by: isAcknowledged ? phase.by : '',
    acknowledged_at: isAcknowledged ? phase.at : null,
    told: [...one.told],
    events: [...one.events],
  };
}

import { z } from 'zod';
import { instant, windowParam } from '../../http/times.ts';
import type { HttpApp } from '../../http/types.ts';
import { MOST_EVENTS, MOST_NAMED } from '../decisions/delivery-events.ts';
import { DELIVERY_STATES, deliveriesOf, integrationRecords } from './deliveries.ts';
import type { PagesOptions } from './pages-api.ts';

const USUAL_LIMIT = 200;
const MOST_DELIVERIES = 2000;

const counts = z.object({
  waiting: z.number(),
  sent: z.number(),
  failed: z.number(),
  superseded: z.number(),
});
const time = z.number().nullable();
const answer = z.object({
  partial: z.boolean().describe('Older deliveries could not be read, or there are too many for one answer.'),
  total: z.number(),
  receivers: z
    .array(
      z.object({
        receiver: z.string(),
        integration: z.string(),
        counts,
        last_sent_at: time,
        last_failed_at: time,
      }),
    )
    .describe('How each does over the window, whatever is filtered.'),
  deliveries: z.array(
    z.object({
      id: z.string(),
      state: z.enum(DELIVERY_STATES),
      receiver: z.string(),
      integration: z.string(),
      route: z.string(),
      group: z.string(),
      planned_at: z.number().describe('Epoch ms.'),
      at: z.number().describe('Epoch ms of the last that is known of it.'),
      attempts: z.number().describe('At least so many.'),
      alerts: z.number(),
      about: z
        .array(z.object({ fingerprint: z.string(), title: z.string() }))
        .describe(`Up to ${MOST_NAMED} of its alerts; without a title where an older version wrote of it.`),
      reason: z.string(),
      error: z.string(),
      may_be_duplicate: z.boolean(),
    }),
  ),
});
const query = z.object({
  window: windowParam('1h'),
  end: instant.optional().describe('Where the window ends; now when absent.'),
  receiver: z.string().optional(),
  state: z.enum(DELIVERY_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(MOST_DELIVERIES).default(USUAL_LIMIT),
});

/** What was sent to whom, how often it was tried, and what went wrong. */
export function deliveryRoutes(app: HttpApp, { alertmanager, clock }: PagesOptions): void {
  app.get(
    '/api/v1/alerting/deliveries',
    {
      schema: {
        tags: ['alerts'],
        summary: 'Notifications of a window: state, attempts and what went wrong, the newest first',
        querystring: query,
        response: { 200: answer },
      },
    },
    async (request) => {
      const { window, end, receiver, state, limit } = request.query;
      const to = end ?? clock.now();
      const { events, isPartial } = await alertmanager.deliveries({ from: to - window.ms, to });
      const all = deliveriesOf(events);
      const wanted = all.filter(
        (one) =>
          (receiver === undefined || one.receiver === receiver) &&
          (state === undefined || one.state === state),
      );
      return {
        partial: isPartial || events.length >= MOST_EVENTS,
        total: wanted.length,
        receivers: integrationRecords(all).map((record) => ({
          receiver: record.receiver,
          integration: record.integration,
          counts: { ...record.counts },
          last_sent_at: record.lastSentAt,
          last_failed_at: record.lastFailedAt,
        })),
        deliveries: wanted.slice(0, limit).map((one) => ({
          id: one.id,
          state: one.state,
          receiver: one.receiver,
          integration: one.integration,
          route: one.route,
          group: one.group,
          planned_at: one.plannedAt,
          at: one.at,
          attempts: one.attempts,
          alerts: one.alerts,
          about: one.about.map(({ fingerprint, title }) => ({ fingerprint, title })),
          reason: one.reason,
          error: one.error,
          may_be_duplicate: one.mayBeDuplicate,
        })),
      };
    },
  );
}

import { z } from 'zod';
import type { HttpApp } from '../../../http/types.ts';
import type { Clock } from '../../../kernel/clock.ts';
import type { Escalations } from '../escalations.ts';
import { figuresOf } from '../statistics.ts';

const DAY_MS = 86_400_000;
const SECOND_MS = 1000;
const span = z.coerce.number().int().min(0).max(8.64e15);
const seconds = z.number().nullable();

const answer = z.object({
  from: z.number().describe('Epoch ms.'),
  until: z.number().describe('Epoch ms.'),
  alerts: z.array(
    z.object({
      alert: z.string().describe('The alertname.'),
      pages: z.number(),
      tellings: z.number().describe('How often somebody was told.'),
      told: z.number().describe('Pages that somebody was told of.'),
      acknowledged: z.number(),
      unanswered: z.number().describe('Told of and ended without an acknowledgement.'),
      exhausted: z.number().describe('Of these, told to all levels.'),
      seconds_to_acknowledge: seconds.describe('From the first telling; the median.'),
      seconds_to_end: seconds.describe('From the opening; the median.'),
    }),
  ),
});

/** Which alerts tell people most, which nobody answers, and how long answers take. */
export function statisticsRoutes(
  app: HttpApp,
  { clock, book }: { readonly clock: Clock; readonly book: Escalations['book'] },
): void {
  app.get(
    '/api/v1/oncall/statistics',
    {
      schema: {
        tags: ['on call'],
        summary: 'Pages by alert: how often people were told, who answered, and how soon',
        querystring: z.object({
          from: span.optional().describe('Epoch ms; 30 days before the end when absent.'),
          until: span.optional().describe('Epoch ms; now when absent.'),
        }),
        response: { 200: answer },
      },
    },
    ({ query }) => {
      const until = query.until ?? clock.now();
      const from = query.from ?? until - 30 * DAY_MS;
      const inSeconds = (ms: number | null): number | null => (ms === null ? null : ms / SECOND_MS);
      return {
        from,
        until,
        alerts: figuresOf(book.all(), { from, until }).map(({ toAcknowledgeMs, toEndMs, ...counts }) => ({
          ...counts,
          seconds_to_acknowledge: inSeconds(toAcknowledgeMs),
          seconds_to_end: inSeconds(toEndMs),
        })),
      };
    },
  );
}

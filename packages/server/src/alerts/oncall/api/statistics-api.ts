import { z } from 'zod';
import type { HttpApp } from '../../../http/types.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { ADVICE } from '../advice.ts';
import type { Escalations } from '../escalations.ts';
import { figuresOf, type PageFigures, totalOf } from '../statistics.ts';

const DAY_MS = 86_400_000;
const SECOND_MS = 1000;
const span = z.coerce.number().int().min(0).max(8.64e15);
const seconds = z.number().nullable();

const figures = {
  pages: z.number(),
  tellings: z.number().describe('How often somebody was told.'),
  told: z.number().describe('Pages that somebody was told of.'),
  acknowledged: z.number(),
  unanswered: z.number().describe('Told of and ended without an acknowledgement.'),
  exhausted: z.number().describe('Of these, told to all levels.'),
  seconds_to_acknowledge: seconds.describe('From the first telling; the median.'),
  seconds_to_end: seconds.describe('From the opening; the median.'),
};
const advice = z.object({
  what: z.enum(ADVICE),
  text: z.string(),
  spares: z.number().nullable().describe('Pages that would have told nobody.'),
  duration_seconds: z.number().nullable().describe('To write, where it is about one.'),
});
const answer = z.object({
  from: z.number().describe('Epoch ms.'),
  until: z.number().describe('Epoch ms.'),
  total: z.object(figures),
  alerts: z.array(
    z.object({
      alert: z.string().describe('The alertname.'),
      ...figures,
      advice: z.array(advice).describe('What would make it worth its pages, what helps most first.'),
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
      const pages = book.all();
      const span = { from, until };
      return {
        ...span,
        total: shown(totalOf(pages, span)),
        alerts: figuresOf(pages, span).map(({ alert, advice: advised, ...counts }) => ({
          alert,
          ...shown(counts),
          advice: advised.map(({ durationMs, ...one }) => ({
            ...one,
            duration_seconds: inSeconds(durationMs),
          })),
        })),
      };
    },
  );
}

function inSeconds(ms: number | null): number | null {
  return ms === null ? null : ms / SECOND_MS;
}

function shown({ toAcknowledgeMs, toEndMs, ...counts }: PageFigures) {
  return {
    ...counts,
    seconds_to_acknowledge: inSeconds(toAcknowledgeMs),
    seconds_to_end: inSeconds(toEndMs),
  };
}

import { z } from 'zod';
import { instant, iso, wanted, windowQuery } from '../../http/times.ts';
import type { HttpApp } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import type { HealthHistory } from '../history.ts';

const answer = z.object({
  timestamp: z.string(),
  start: z.string(),
  end: z.string(),
  services: z.array(
    z.object({
      name: z.string(),
      status: z
        .enum(['healthy', 'degraded', 'unhealthy', 'unknown'])
        .describe('The worst state it was in meanwhile.'),
    }),
  ),
});

/** `GET /api/health/past`: how the services were in a time that is past. */
export function pastRoute(
  app: HttpApp,
  {
    clock,
    names,
    history,
  }: { readonly clock: Clock; readonly names: ServiceNames; readonly history: Pick<HealthHistory, 'worst'> },
): void {
  app.get(
    '/api/health/past',
    {
      schema: {
        tags: ['health'],
        summary: 'The worst state of each service over a window',
        querystring: windowQuery.extend({
          start: instant.optional().describe('Where the window begins, instead of `window`.'),
        }),
        response: { 200: answer },
      },
    },
    async ({ tenant, query }) => {
      const now = clock.now();
      const to = query.end ?? now;
      const from = Math.min(to, query.start ?? to - query.window.ms);
      const states = await history.worst(tenant, from, to);
      return {
        timestamp: iso(now),
        start: iso(from),
        end: iso(to),
        services: [...states]
          .filter(([name]) => wanted(query, names.canonical, name))
          .map(([name, status]) => ({ name, status }))
          .sort((a, b) => (a.name < b.name ? -1 : 1)),
      };
    },
  );
}

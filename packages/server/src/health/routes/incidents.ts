import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import { iso, wanted, windowQuery } from '../../http/system-a.ts';
import type { ApiModule } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import type { HealthHistory } from '../history.ts';
import { type Incident, incidentsOf } from '../incidents.ts';

export interface IncidentsOptions {
  readonly clock: Clock;
  readonly names: ServiceNames;
  readonly history: HealthHistory;
}

const status = z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']);
const incident = z.object({
  from: z.string(),
  to: z.string().nullable().describe('Null while it lasts.'),
  worst: status,
  services: z
    .array(
      z.object({
        service: z.string(),
        from: z.string(),
        to: z.string().nullable(),
        worst: status,
        reason: z.string(),
      }),
    )
    .describe('Those that were not well, the first first.'),
});
const incidentsAnswer = z.object({ timestamp: z.string(), window: z.string(), incidents: z.array(incident) });

/** `GET /api/health/incidents`. */
export function incidentsApi({ clock, names, history }: IncidentsOptions): ApiModule {
  return {
    name: 'incidents',
    renderError: renderPharosError,
    register: (app) => {
      app.get(
        '/api/health/incidents',
        {
          schema: {
            tags: ['health'],
            summary:
              'When services were not well, those that belong together in time as one incident, newest first',
            querystring: windowQuery,
            response: { 200: incidentsAnswer },
          },
        },
        async ({ query, tenant }) => {
          const end = query.end ?? clock.now();
          const transitions = await history.transitions(tenant, end - query.window.ms);
          const incidents = incidentsOf(transitions.filter(({ at }) => at <= end)).filter(({ services }) =>
            services.some(({ service }) => wanted(query, names.canonical, service)),
          );
          return { timestamp: iso(end), window: query.window.text, incidents: incidents.map(renderIncident) };
        },
      );
    },
  };
}

function renderIncident({ from, to, worst, services }: Incident): z.output<typeof incident> {
  const past = (at: number | null): string | null => (at === null ? null : iso(at));
  return {
    from: iso(from),
    to: past(to),
    worst,
    services: services.map((one) => ({ ...one, from: iso(one.from), to: past(one.to) })),
  };
}

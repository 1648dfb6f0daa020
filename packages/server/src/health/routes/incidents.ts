import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import { iso, wanted, windowQuery } from '../../http/times.ts';
import type { ApiModule } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { type HealthHistory, type Segment, segmentsOf, uptimeOf } from '../history.ts';
import { type Incident, incidentsOf } from '../incidents.ts';
import type { ServiceHealth, ServiceTransition } from '../monitor.ts';

export interface IncidentsOptions {
  readonly clock: Clock;
  readonly names: ServiceNames;
  readonly history: Pick<HealthHistory, 'reaching'>;
  readonly monitor: { list(tenant: string): readonly Pick<ServiceHealth, 'name'>[] };
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
        reason: z.string().describe('Why it began, in the words of then.'),
        caused_by: z.array(z.string()).describe('The services it suffered from at any time of it.'),
        steps: z
          .array(z.object({ at: z.string(), status, reason: z.string(), caused_by: z.array(z.string()) }))
          .describe('How its state and its reasons changed, its end included; the oldest first.'),
      }),
    )
    .describe('Those that were not well, the first first.'),
});
const record = z.object({
  service: z.string(),
  uptime: z.number().nullable().describe('Share of the known time it worked, 0..1.'),
  segments: z.array(z.object({ from: z.string(), to: z.string(), status })),
});
const incidentsAnswer = z.object({
  timestamp: z.string(),
  window: z.string(),
  incidents: z.array(incident),
  services: z.array(record).describe('Every service with its states over the window, by name.'),
});

/** Incidents that began before the window and reach into it are known this far back. */
const REACH_MS = 7 * 86_400_000;

/** `GET /api/health/incidents`. */
export function incidentsApi({ clock, names, history, monitor }: IncidentsOptions): ApiModule {
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
          const start = end - query.window.ms;
          const keep = (service: string): boolean => wanted(query, names.canonical, service);
          const reach = Math.min(start, clock.now() - REACH_MS);
          const told = (await history.reaching(tenant, reach)).filter(({ at }) => at <= end);
          const incidents = incidentsOf(told).filter(
            ({ to, services }) => (to ?? end) >= start && services.some(({ service }) => keep(service)),
          );
          const current = monitor.list(tenant).map(({ name }) => name);
          return {
            timestamp: iso(end),
            window: query.window.text,
            incidents: incidents.map(renderIncident),
            services: recordsOf(told, current, { start, end }).filter(({ service }) => keep(service)),
          };
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
    services: services.map(({ causedBy, steps, ...one }) => ({
      ...one,
      from: iso(one.from),
      to: past(one.to),
      caused_by: [...causedBy],
      steps: steps.map((step) => ({
        at: iso(step.at),
        status: step.status,
        reason: step.reason,
        caused_by: [...step.causedBy],
      })),
    })),
  };
}

/** Every service that is known now or changed in the window. */
function recordsOf(
  told: readonly ServiceTransition[],
  current: readonly string[],
  { start, end }: { readonly start: number; readonly end: number },
): z.output<typeof record>[] {
  const changes = new Map<string, ServiceTransition[]>(current.map((name) => [name, []]));
  for (const transition of told) {
    if (transition.from === transition.to) continue;
    const known = changes.get(transition.service);
    if (known !== undefined) known.push(transition);
    else if (transition.at >= start) changes.set(transition.service, [transition]);
  }
  const rendered = ({ from, to, status: state }: Segment) => ({
    from: iso(from),
    to: iso(to),
    status: state,
  });
  return [...changes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, own]) => {
      const segments = segmentsOf(own, start, end);
      return { service, uptime: uptimeOf(segments), segments: segments.map(rendered) };
    });
}

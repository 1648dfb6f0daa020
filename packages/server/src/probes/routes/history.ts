import { z } from 'zod';
import type { HttpApp } from '../../http/types.ts';
import type { ProbeDefinition } from '../definition.ts';
import type { ProbeService } from '../service.ts';

/** What history is read by. Times in epoch ms; NaN where there is nothing. */
export interface ProbeHistory {
  range(
    tenant: string,
    query: string,
    grid: { readonly start: number; readonly end: number; readonly step: number },
  ): Promise<readonly { readonly values: Float64Array; label(name: string): string }[]>;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Points of an answer. */
const POINTS = 96;
const MOST_DAYS = 90;

/** The series whose label `phase` says where the time of a look goes. */
const PHASES: Readonly<Partial<Record<ProbeDefinition['type'], string>>> = {
  http: 'probe_http_duration_seconds',
  dns: 'probe_dns_duration_seconds',
  icmp: 'probe_icmp_duration_seconds',
};

const line = z.array(z.number().nullable());
const answer = z.object({
  /** Between two points, and of the first one; ms. */
  step: z.number(),
  start: z.number(),
  /** Of all of it, 0 to 1. */
  uptime: z.number().nullable(),
  up: line,
  /** Milliseconds. */
  duration: line,
  phases: z.record(z.string(), line),
});

/** `GET /api/v1/probes/:id/history`. */
export function probeHistory(
  app: HttpApp,
  {
    service,
    history,
    now,
  }: { readonly service: ProbeService; readonly history: ProbeHistory; readonly now: () => number },
): void {
  app.get(
    '/api/v1/probes/:id/history',
    {
      schema: {
        tags: ['probes'],
        summary: 'Uptime, durations and their phases over a window, from the series of the probe',
        params: z.object({ id: z.string().min(1).max(100) }),
        querystring: z.object({
          hours: z.coerce
            .number()
            .min(1)
            .max(24 * MOST_DAYS)
            .default(24),
        }),
        response: { 200: answer },
      },
    },
    async ({ tenant, params, query }) => {
      const { definition } = service.get(tenant, params.id);
      const step = Math.max(MINUTE_MS, Math.ceil((query.hours * HOUR_MS) / POINTS / MINUTE_MS) * MINUTE_MS);
      const end = Math.ceil(now() / step) * step;
      const grid = { start: end - Math.round((query.hours * HOUR_MS) / step) * step + step, end, step };
      const of = (metric: string) =>
        history.range(
          tenant,
          `avg_over_time(${metric}{job="probes",probe=${JSON.stringify(definition.name)}}[${step / 1000}s])`,
          grid,
        );
      const phased = PHASES[definition.type];
      const [ups, durations, phases] = await Promise.all([
        of('probe_up'),
        of('probe_duration_seconds'),
        phased === undefined ? [] : of(phased),
      ]);
      const up = numbers(ups[0]?.values, 1);
      const known = up.filter((value) => value !== null);
      return {
        step,
        start: grid.start,
        uptime: known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length,
        up,
        duration: numbers(durations[0]?.values, 1000),
        phases: Object.fromEntries(
          phases.map((one) => [one.label('phase'), numbers(one.values, 1000)] as const),
        ),
      };
    },
  );
}

function numbers(values: Float64Array | undefined, factor: number): (number | null)[] {
  return Array.from(values ?? [], (value) => (Number.isNaN(value) ? null : value * factor));
}

import { z } from 'zod';
import type { Dependency } from '../health/index.ts';
import { renderPharosError } from '../http/render.ts';
import { iso } from '../http/times.ts';
import type { ApiModule } from '../http/types.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ServiceState } from '../kernel/services.ts';

export interface OpsOptions {
  readonly clock: Clock;
  readonly version: string;
  readonly startedAt: number;
  readonly dependencies: () => readonly Dependency[];
  readonly services: () => ReadonlyMap<string, ServiceState>;
  /** Exposition text: Pharos' own metrics, and (unless asked without) the series of pushed reports. */
  readonly metrics: (
    includeReported: boolean,
  ) => Promise<{ readonly contentType: string; readonly text: string }>;
}

const health = z.object({
  timestamp: z.string(),
  status: z.enum(['healthy', 'degraded', 'unhealthy']),
  version: z.string(),
  uptime_seconds: z.number(),
  details: z.record(z.string(), z.string()),
});

/** Pharos about itself: `/ping`, `/health`, `/health/ready|live`, `/live`, `/ready` (Loki's text), `/metrics`. */
export function opsApi(options: OpsOptions): ApiModule {
  const tags = ['pharos'];
  const ready = (): boolean => [...options.services().values()].every((state) => state === 'running');
  return {
    name: 'ops',
    renderError: renderPharosError,
    register(app) {
      const text = (summary: string) => ({
        schema: { tags, summary, response: { 200: z.string(), 503: z.string() } },
      });
      const probe = (url: string, well: string, isWell: () => boolean): void => {
        app.get(url, text(`Answers ${JSON.stringify(well)} when well, 503 otherwise`), (_request, reply) => {
          void reply.type('text/plain; charset=utf-8').code(isWell() ? 200 : 503);
          return isWell() ? well : 'not ready\n';
        });
      };
      probe('/ping', 'pong', () => true);
      probe('/live', 'alive\n', () => true);
      probe('/health/live', 'alive\n', () => true);
      probe('/health/ready', 'ready\n', ready);
      probe('/ready', 'ready\n', ready);
      app.get(
        '/health',
        { schema: { tags, summary: 'Health of Pharos itself', response: { 200: health, 503: health } } },
        (_request, reply) => {
          const dependencies = options.dependencies();
          const unhealthy = !ready() || dependencies.some((d) => d.status === 'unhealthy');
          const degraded = dependencies.some((d) => d.status === 'degraded');
          const now = options.clock.now();
          void reply.code(unhealthy ? 503 : 200);
          return {
            timestamp: iso(now),
            status: unhealthy
              ? ('unhealthy' as const)
              : degraded
                ? ('degraded' as const)
                : ('healthy' as const),
            version: options.version,
            uptime_seconds: Math.round((now - options.startedAt) / 1000),
            details: Object.fromEntries(
              dependencies.map((d) => [
                `${d.name}_status`,
                `${d.status}${d.message === '' ? '' : `: ${d.message}`}`,
              ]),
            ),
          };
        },
      );
      const querystring = z.object({
        reported: z
          .enum(['true', 'false'])
          .default('true')
          .describe('Whether series of pushed JSON reports are included.'),
      });
      app.get(
        '/metrics',
        {
          schema: {
            tags,
            summary: "Pharos' own metrics, and those reported to it, as Prometheus text",
            querystring,
            response: { 200: z.string() },
          },
        },
        async (request, reply) => {
          const answer = await options.metrics(request.query.reported === 'true');
          void reply.type(answer.contentType);
          return answer.text;
        },
      );
    },
  };
}

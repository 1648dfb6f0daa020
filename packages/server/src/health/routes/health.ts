import { z } from 'zod';
import { renderPharosError } from '../../http/render.ts';
import { iso, wanted, windowQuery } from '../../http/times.ts';
import type { ApiModule } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { ServiceNames } from '../../kernel/names.ts';
import { type HealthHistory, uptimeOf } from '../history.ts';
import type { HealthMonitor, ServiceHealth } from '../monitor.ts';
import { SIGNAL_KINDS } from '../signal.ts';
import { type Status, worse } from '../status.ts';
import type { SourceVerdict } from '../verdict.ts';
import { pastRoute } from './past.ts';

/** Something Pharos itself rests on. */
export interface Dependency {
  readonly name: string;
  readonly status: Status;
  readonly message: string;
}

export interface HealthRoutesOptions {
  readonly clock: Clock;
  readonly names: ServiceNames;
  readonly monitor: HealthMonitor;
  readonly history: HealthHistory;
  readonly dependencies: () => readonly Dependency[];
}

const status = z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']);
const reason = z.object({
  source: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  message: z.string(),
});

export const serviceHealth = z.object({
  name: z.string(),
  status,
  since: z.string().describe('When the service came into this state.'),
  reasons: z.array(reason),
  caused_by: z
    .array(z.string())
    .describe('The services it suffers from; empty when it is well, or itself where the trouble is.'),
  sources: z.array(
    z.object({
      kind: z.enum(['scrape', 'poll', 'report', ...SIGNAL_KINDS]),
      status,
      message: z.string(),
      at: z.string().nullable(),
    }),
  ),
  uptime: z.object({ '24h': z.number().nullable().describe('Share of the known time it worked, 0..1.') }),
  instances: z.array(
    z.object({
      instance: z.string(),
      up: z.boolean().nullable(),
      lastScrape: z.string().nullable(),
      lastError: z.string().nullable(),
    }),
  ),
});

const healthAnswer = z.object({
  timestamp: z.string(),
  window: z.string(),
  status,
  services: z.array(serviceHealth),
  dependencies: z.array(z.object({ name: z.string(), status, message: z.string() })),
});

const historyAnswer = z.object({
  timestamp: z.string(),
  window: z.string(),
  service: z.string(),
  uptime: z.number().nullable(),
  transitions: z.array(z.object({ at: z.string(), from: status, to: status, reason: z.string() })),
  segments: z.array(z.object({ from: z.string(), to: z.string(), status })),
});

const DAY_MS = 86_400_000;

/** One service as `/api/health` and the live stream show it. */
export async function renderServiceHealth(
  options: Pick<HealthRoutesOptions, 'clock' | 'history'>,
  tenant: string,
  service: ServiceHealth,
): Promise<z.output<typeof serviceHealth>> {
  const now = options.clock.now();
  return {
    name: service.name,
    status: service.status,
    since: iso(service.since),
    reasons: [...service.reasons],
    caused_by: [...service.causedBy],
    sources: service.sources.map(renderSource),
    uptime: { '24h': uptimeOf(await options.history.segments(tenant, service.name, now - DAY_MS, now)) },
    instances: service.instances.map((instance) => ({
      ...instance,
      lastScrape: instance.lastScrape === null ? null : iso(instance.lastScrape),
    })),
  };
}

function renderSource(source: SourceVerdict): z.output<typeof serviceHealth>['sources'][number] {
  const message = source.reasons.length === 0 ? 'well' : source.reasons.map((r) => r.message).join('; ');
  return {
    kind: source.kind,
    status: source.status,
    message,
    at: source.at === null ? null : iso(source.at),
  };
}

/** The whole: unhealthy and degraded services degrade the system; it is unhealthy when none works, or Pharos itself is not. */
export function systemStatus(
  services: readonly { readonly status: Status }[],
  dependencies: readonly Dependency[],
): Status {
  const own = dependencies.reduce<Status>((worst, dependency) => worse(worst, dependency.status), 'unknown');
  const known = services.filter((service) => service.status !== 'unknown');
  if (known.length === 0) return own;
  const all = known.every((service) => service.status === 'unhealthy');
  const some = known.some((service) => service.status !== 'healthy');
  return worse(own, all ? 'unhealthy' : some ? 'degraded' : 'healthy');
}

/** `GET /api/health`, `GET /api/health/past` and `GET /api/health/history`. */
export function healthApi(options: HealthRoutesOptions): ApiModule {
  const { clock, names, monitor, history } = options;
  return {
    name: 'health',
    renderError: renderPharosError,
    register(app) {
      app.get(
        '/api/health',
        {
          schema: {
            tags: ['health'],
            summary: 'State of the system, its services and its dependencies, with reasons',
            querystring: windowQuery,
            response: { 200: healthAnswer },
          },
        },
        async (request) => {
          const { query, tenant } = request;
          const services = monitor
            .list(tenant)
            .filter((service) => wanted(query, names.canonical, service.name));
          const dependencies = [...options.dependencies()];
          return {
            timestamp: iso(clock.now()),
            window: query.window.text,
            status: systemStatus(services, dependencies),
            services: await Promise.all(
              services.map((service) => renderServiceHealth(options, tenant, service)),
            ),
            dependencies,
          };
        },
      );
      pastRoute(app, options);
      const querystring = windowQuery.extend({ service: z.string().min(1) });
      app.get(
        '/api/health/history',
        {
          schema: {
            tags: ['health'],
            summary: 'How one service changed state over a window',
            querystring,
            response: { 200: historyAnswer },
          },
        },
        async (request) => {
          const service = names.canonical(request.query.service);
          const { window } = request.query;
          const now = request.query.end ?? clock.now();
          const segments = await history.segments(request.tenant, service, now - window.ms, now);
          const transitions = await history.transitions(request.tenant, now - window.ms, service);
          return {
            timestamp: iso(now),
            window: window.text,
            service,
            uptime: uptimeOf(segments),
            transitions: transitions.map((t) => ({
              at: iso(t.at),
              from: t.from,
              to: t.to,
              reason: t.reason,
            })),
            segments: segments.map((s) => ({ from: iso(s.from), to: iso(s.to), status: s.status })),
          };
        },
      );
    },
  };
}

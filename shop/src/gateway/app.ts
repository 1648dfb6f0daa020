import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { BootOptions } from '../shared/boot.ts';
import { boot } from '../shared/boot.ts';
import { type ShopConfig, VERDICT_MODES } from '../shared/config.ts';
import type { Kit } from '../shared/kit.ts';
import { breakerRoutes, createApp, VERSION } from '../shared/kit.ts';
import type { RunningService } from '../shared/serve.ts';
import { serve } from '../shared/serve.ts';
import { parse, queryWhole } from '../shared/validate.ts';
import { createActiveUsers } from './active-users.ts';
import { createMonitoring } from './monitoring.ts';
import { proxyRoutes } from './proxy.ts';
import { createRateLimiter } from './rate-limit.ts';
import { createStats } from './stats.ts';
import { createVerdicts, type Verdicts, verdictMetrics } from './verdicts.ts';

const WATCH_MS = 5_000;
const verdictChange = z.strictObject({
  mode: z.enum(VERDICT_MODES, `one of ${VERDICT_MODES.join(', ')}`),
});
const page = z.object({ limit: queryWhole(1, 200, 50), offset: queryWhole(0, 1_000_000, 0) });

type Monitoring = ReturnType<typeof createMonitoring>;

/** The one door of the shop. */
export async function startGateway(config: ShopConfig, options: BootOptions = {}): Promise<RunningService> {
  const { kit, onSwitch } = boot(config, options);
  const { clock, pharos } = kit;
  const stats = createStats(() => clock.monotonic());
  const monitoring = createMonitoring({
    stats,
    breakers: () => pharos.breakers.snapshot(),
    clock,
    version: VERSION,
  });
  const rateLimit = createRateLimiter(config.rateLimit, () => clock.monotonic());
  const app = await createApp(kit);
  const activeUsers = createActiveUsers(() => clock.monotonic());
  const verdicts = createVerdicts({ kit, metrics: verdictMetrics(kit.metrics) });
  proxyRoutes(app, { kit, stats, rateLimit, activeUsers, verdicts });
  monitoringRoutes(app, kit, monitoring);
  const jobs = [
    { name: 'conditions', everyMs: WATCH_MS, run: async () => monitoring.tick() },
    {
      name: 'active users',
      everyMs: WATCH_MS,
      run: async () => pharos.reportActiveUsers(activeUsers.count()),
    },
  ];
  return serve({ kit, app, jobs, onSwitch, control: (control) => verdictRoutes(control, verdicts) });
}

/** By these the controller asks for the mode, and changes it until the gateway starts again. */
function verdictRoutes(app: FastifyInstance, verdicts: Verdicts): void {
  app.get('/verdicts', async () => ({ mode: verdicts.mode }));
  app.put('/verdicts', async (request) => {
    verdicts.change(parse(verdictChange, request.body).mode);
    return { mode: verdicts.mode };
  });
}

function monitoringRoutes(app: FastifyInstance, kit: Kit, monitoring: Monitoring): void {
  app.get('/monitoring/metrics', (request, reply) => {
    reply.hijack();
    kit.pharos.endpoints.metrics(request.raw, reply.raw);
  });
  app.get('/monitoring/health/dashboard', async () => monitoring.dashboard());
  breakerRoutes(app, kit, '/monitoring/circuit-breakers');
  app.get('/monitoring/errors/stats', async () => monitoring.errorStats());
  app.get('/monitoring/errors/details', async (request) => {
    const { limit, offset } = parse(page, request.query, 'query');
    return monitoring.errorDetails(limit, offset);
  });
}

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../shared/clock.ts';
import { iso } from '../shared/clock.ts';
import { VERDICT_MODES, type VerdictMode } from '../shared/config.ts';
import { FAULT_KIND_NAMES, faultKind } from '../shared/faults/kinds.ts';
import { SERVICE_NAMES } from '../shared/ports.ts';
import { identifier, number, parse, queryWhole, whole } from '../shared/validate.ts';
import type { Fault, FaultManager } from './fault-manager.ts';
import { parseFaultRequest } from './fault-request.ts';
import { type Pager, pageBody } from './pages.ts';
import type { TrafficGenerator, TrafficSettings } from './traffic/generator.ts';
import { TRAFFIC_MODES } from './traffic/modes.ts';
import type { TruthLog } from './truth.ts';

const INSTANT = 'an ISO 8601 instant';
const trafficChange = z.strictObject({
  mode: z.enum(TRAFFIC_MODES, `one of ${TRAFFIC_MODES.join(', ')}`).optional(),
  rate: number(0.1, 200).optional(),
  period_seconds: number(10, 86_400).optional(),
  users: whole(1, 50).optional(),
});
const truthQuery = z.object({
  since: z
    .string(INSTANT)
    .max(40, INSTANT)
    .refine((text) => !Number.isNaN(Date.parse(text)), INSTANT)
    .transform((text) => Date.parse(text))
    .optional(),
  limit: queryWhole(1, 10_000, 1_000),
});
const verdictsChange = z.strictObject({
  mode: z.enum(VERDICT_MODES, `one of ${VERDICT_MODES.join(', ')}`),
});
const faultPath = z.object({ id: identifier });

/** How the gateway asks Pharos for verdicts on orders. */
export interface VerdictsControl {
  mode(): Promise<VerdictMode>;
  change(mode: VerdictMode): Promise<VerdictMode>;
}

export interface ControllerRouteDeps {
  readonly faults: FaultManager;
  readonly traffic: TrafficGenerator;
  readonly truth: TruthLog;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly gatewayUrl: string;
  readonly version: string;
  readonly verdicts: VerdictsControl;
  readonly pager: Pager;
}

export function controllerRoutes(app: FastifyInstance, deps: ControllerRouteDeps): void {
  const { faults, traffic, truth, clock, gatewayUrl, version } = deps;
  const startedAt = clock.monotonic();
  app.get('/ping', async () => ({ message: 'pong', service: 'controller' }));
  app.get('/', async () => ({
    name: 'controller',
    version,
    status: 'ok',
    timestamp: iso(clock.now()),
    uptime_seconds: Math.floor((clock.monotonic() - startedAt) / 1000),
    gateway: gatewayUrl,
    traffic: traffic.status(),
    active_faults: faults.active().map(shown),
    services: SERVICE_NAMES.map((service) => ({
      service,
      control: faults.reachable(service) ? 'reachable' : 'unreachable',
    })),
  }));
  app.post('/faults', async (request, reply) => {
    const fault = await faults.add(parseFaultRequest(request.body));
    return reply.code(201).send(shown(fault));
  });
  app.get('/faults', async () => ({
    timestamp: iso(clock.now()),
    kinds: FAULT_KIND_NAMES.map((kind) => {
      const { description, services, params } = faultKind(kind);
      return { kind, description, services, params };
    }),
    faults: faults.list().map(shown),
  }));
  app.get('/faults/:id', async (request) => shown(faults.find(parse(faultPath, request.params, 'path').id)));
  app.delete('/faults/:id', async (request) =>
    shown(await faults.end(parse(faultPath, request.params, 'path').id)),
  );
  app.delete('/faults', async () => ({ ended: (await faults.endAll()).map(shown) }));
  app.get('/traffic', async () => traffic.status());
  app.post('/traffic', async (request) => {
    const { mode, rate, period_seconds, users } = parse(trafficChange, request.body);
    const change: Partial<TrafficSettings> = {
      ...(mode === undefined ? {} : { mode }),
      ...(rate === undefined ? {} : { rate }),
      ...(period_seconds === undefined ? {} : { periodSeconds: period_seconds }),
      ...(users === undefined ? {} : { users }),
    };
    return traffic.change(change);
  });
  app.get('/verdicts', async () => ({ mode: await deps.verdicts.mode() }));
  app.post('/verdicts', async (request) => ({
    mode: await deps.verdicts.change(parse(verdictsChange, request.body).mode),
  }));
  app.post('/pages', async (request, reply) => {
    deps.pager.take(parse(pageBody, request.body));
    return reply.code(204).send();
  });
  app.get('/pages', async () => ({ timestamp: iso(clock.now()), pages: deps.pager.list() }));
  app.get('/truth', async (request) => {
    const { since, limit } = parse(truthQuery, request.query, 'query');
    const entries = truth.entries(since ?? 0);
    return { timestamp: iso(clock.now()), total: entries.length, entries: entries.slice(-limit) };
  });
}

function shown(fault: Fault) {
  const state = fault.to !== null ? 'ended' : fault.error === null ? 'active' : 'unreachable';
  return {
    id: fault.id,
    kind: fault.kind,
    service: fault.service,
    params: fault.params,
    state,
    from: iso(fault.from),
    until: fault.until === null ? null : iso(fault.until),
    to: fault.to === null ? null : iso(fault.to),
    cause: fault.cause,
    error: fault.error,
  };
}

import { createHash, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import { z } from 'zod';
import type { Clock, Random } from '../shared/clock.ts';
import { systemClock, systemRandom } from '../shared/clock.ts';
import { type ShopConfig, VERDICT_MODES, type VerdictMode } from '../shared/config.ts';
import { renderError, ShopError } from '../shared/errors.ts';
import { createGuard } from '../shared/guard.ts';
import { createServiceTokens } from '../shared/jwt.ts';
import { checkDoor, VERSION } from '../shared/kit.ts';
import { SERVICE_NAMES, type ServiceName } from '../shared/ports.ts';
import { createTransport, type RawAnswer, type RawRequest } from '../shared/transport.ts';
import type { Inject } from './fault-manager.ts';
import { createFaultManager, LEASE_MS } from './fault-manager.ts';
import { createPager } from './pages.ts';
import { controllerRoutes, type VerdictsControl } from './routes.ts';
import { createAskShop } from './traffic/gateway-client.ts';
import { createTrafficGenerator } from './traffic/generator.ts';
import { TRAFFIC_MODES } from './traffic/modes.ts';
import { watchOpening } from './traffic/opening.ts';
import { startStorms } from './traffic/storms.ts';
import { openTruthLog } from './truth.ts';

/** Pages of many alerts are large. */
const BODY_LIMIT_BYTES = 512 * 1024;
const CONTROL_TIMEOUT_MS = 2_000;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1']);
const PERIOD_SECONDS = 120;
const USERS = 8;

export interface RunningController {
  readonly url: string;
  stop(): Promise<void>;
}

export interface ControllerOptions {
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Makes traffic and faults, and writes down the truth about them. */
export async function startController(
  config: ShopConfig,
  { clock = systemClock, random = systemRandom }: ControllerOptions = {},
): Promise<RunningController> {
  const mode = TRAFFIC_MODES.find((candidate) => candidate === config.traffic.mode);
  if (mode === undefined) {
    const got = JSON.stringify(config.traffic.mode);
    throw new Error(`SHOP_TRAFFIC_MODE: got ${got}, expected one of ${TRAFFIC_MODES.join(', ')}`);
  }
  const transport = createTransport();
  const truth = openTruthLog(join(config.dataDir, 'truth.jsonl'), clock.now(), LEASE_MS);
  const control = createControlCall(config, transport, clock);
  const faults = createFaultManager({ clock, truth, inject: createInject(control) });
  const ask = createAskShop(transport, config.urls.gateway, clock);
  const opening = watchOpening(
    SERVICE_NAMES.map((service) => createAskShop(transport, config.urls[service], clock)),
    clock,
  );
  const traffic = createTrafficGenerator(
    { ask, clock, random, secret: config.serviceSecret, open: opening.open },
    { mode, rate: config.traffic.rate, periodSeconds: PERIOD_SECONDS, users: USERS },
  );
  const storms = startStorms({
    ask,
    clock,
    random,
    active: () => [...faults.active('bad_input'), ...faults.active('auth_failure_storm')],
    token: traffic.someToken,
  });
  const app = Fastify({ logger: false, bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: true });
  acceptEmptyJson(app);
  checkDoor(app, createGuard(config.allowedHosts));
  demandToken(app, config);
  app.setErrorHandler(async (error, request, reply) => {
    const { status, body } = renderError(error, request.id);
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler(async (request) => {
    throw new ShopError('not_found', `there is no ${request.method} ${request.url.slice(0, 100)} here`);
  });
  controllerRoutes(app, {
    faults,
    traffic,
    truth,
    clock,
    gatewayUrl: config.urls.gateway,
    version: VERSION,
    verdicts: createVerdictsControl(control),
    pager: createPager(clock),
  });
  const url = await app.listen({ host: config.host, port: config.port });
  return {
    url,
    stop: async () => {
      opening.stop();
      storms.cancel();
      traffic.stop();
      await faults.stop();
      await app.close();
      await transport.close();
    },
  };
}

/** The controller breaks things on command: off loopback that needs a token. */
function demandToken(app: FastifyInstance, { host, controllerToken }: ShopConfig): void {
  if (controllerToken === null) {
    if (LOOPBACK.has(host)) return;
    throw new Error(
      `SHOP_HOST: ${host} is not loopback; set SHOP_CONTROLLER_TOKEN before the controller listens there`,
    );
  }
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${controllerToken}`);
  app.addHook('onRequest', async (request) => {
    if (timingSafeEqual(digest(request.headers.authorization ?? ''), expected)) return;
    throw new ShopError('unauthenticated', 'send Authorization: Bearer <SHOP_CONTROLLER_TOKEN>');
  });
}

/** Many clients name a content type on every call; a `DELETE` without a body is fine all the same. */
function acceptEmptyJson(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, body, done);
  });
}

type ControlCall = (
  service: ServiceName,
  method: RawRequest['method'],
  path: string,
  body?: object,
) => Promise<RawAnswer>;

/** Says something to a service by its control port. */
function createControlCall(
  config: ShopConfig,
  transport: ReturnType<typeof createTransport>,
  clock: Clock,
): ControlCall {
  const tokens = createServiceTokens(config.serviceSecret, 'controller', clock);
  return async (service, method, path, content) => {
    const headers: Record<string, string> = { authorization: await tokens.header(service) };
    if (content !== undefined) headers['content-type'] = 'application/json';
    const body = content === undefined ? undefined : JSON.stringify(content);
    const patience = new AbortController();
    const timer = clock.after(CONTROL_TIMEOUT_MS, () =>
      patience.abort(new Error(`${service} does not answer`)),
    );
    try {
      const url = config.controlUrls[service];
      return await transport.send(url, { method, path, headers, body }, patience.signal);
    } finally {
      timer.cancel();
    }
  };
}

function createInject(control: ControlCall): Inject {
  return async (service, faults, leaseMs) => {
    const { status } = await control(service, 'PUT', '/faults', { faults, lease_ms: leaseMs });
    if (status !== 200) throw new Error(`${service} answered ${status} on its control port`);
  };
}

const verdictsAnswer = z.object({ mode: z.enum(VERDICT_MODES) });
const refusalAnswer = z.object({ error: z.object({ message: z.string() }) });

/** Whether the gateway asks Pharos for verdicts on orders, as it says itself. */
function createVerdictsControl(control: ControlCall): VerdictsControl {
  const ask = async (method: 'GET' | 'PUT', body?: object): Promise<VerdictMode> => {
    const answer = await control('gateway', method, '/verdicts', body).catch((cause: unknown) => {
      throw new ShopError('unavailable', 'the gateway does not answer on its control port', { cause });
    });
    const content: unknown = JSON.parse(answer.body.toString('utf8'));
    if (answer.status === 200) return verdictsAnswer.parse(content).mode;
    const refused = refusalAnswer.safeParse(content);
    throw new ShopError('conflict', refused.success ? refused.data.error.message : 'the gateway refuses');
  };
  return { mode: () => ask('GET'), change: (mode) => ask('PUT', { mode }) };
}

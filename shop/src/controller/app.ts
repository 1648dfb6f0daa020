import { createHash, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import type { Clock, Random } from '../shared/clock.ts';
import { systemClock, systemRandom } from '../shared/clock.ts';
import type { ShopConfig } from '../shared/config.ts';
import { renderError, ShopError } from '../shared/errors.ts';
import { createGuard } from '../shared/guard.ts';
import { createServiceTokens } from '../shared/jwt.ts';
import { checkDoor, VERSION } from '../shared/kit.ts';
import { SERVICE_NAMES } from '../shared/ports.ts';
import { createTransport } from '../shared/transport.ts';
import type { Inject } from './fault-manager.ts';
import { createFaultManager, LEASE_MS } from './fault-manager.ts';
import { controllerRoutes } from './routes.ts';
import { createAskShop } from './traffic/gateway-client.ts';
import { createTrafficGenerator } from './traffic/generator.ts';
import { TRAFFIC_MODES } from './traffic/modes.ts';
import { watchOpening } from './traffic/opening.ts';
import { startStorms } from './traffic/storms.ts';
import { openTruthLog } from './truth.ts';

const BODY_LIMIT_BYTES = 64 * 1024;
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
  const faults = createFaultManager({ clock, truth, inject: createInject(config, transport, clock) });
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
  controllerRoutes(app, { faults, traffic, truth, clock, gatewayUrl: config.urls.gateway, version: VERSION });
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

function createInject(
  config: ShopConfig,
  transport: ReturnType<typeof createTransport>,
  clock: Clock,
): Inject {
  const tokens = createServiceTokens(config.serviceSecret, 'controller', clock);
  return async (service, faults, leaseMs) => {
    const headers = { authorization: await tokens.header(service), 'content-type': 'application/json' };
    const body = JSON.stringify({ faults, lease_ms: leaseMs });
    const patience = new AbortController();
    const timer = clock.after(CONTROL_TIMEOUT_MS, () =>
      patience.abort(new Error(`${service} does not answer`)),
    );
    try {
      const url = config.controlUrls[service];
      const answer = await transport.send(
        url,
        { method: 'PUT', path: '/faults', headers, body },
        patience.signal,
      );
      if (answer.status !== 200) throw new Error(`${service} answered ${answer.status} on its control port`);
    } finally {
      timer.cancel();
    }
  };
}

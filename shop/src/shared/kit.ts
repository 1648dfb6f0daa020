import type { Pharos, Transport as PushTransport } from '@pharos/node';
import { classify, createPharos } from '@pharos/node';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Fastify from 'fastify';
import type { Upstream } from './clients.ts';
import type { Clock, Random } from './clock.ts';
import { systemClock, systemRandom } from './clock.ts';
import type { ShopConfig } from './config.ts';
import { renderError, ShopError } from './errors.ts';
import type { FaultState } from './faults/state.ts';
import type { Guard } from './guard.ts';
import { createGuard } from './guard.ts';
import type { Caller, ServiceTokens, UserTokens } from './jwt.ts';
import { createServiceTokens, createUserTokens } from './jwt.ts';
import type { MetricFactory } from './metrics.ts';
import { errorMetrics, tokenMetrics } from './metrics.ts';
import type { CallerName, ServiceName } from './ports.ts';
import { metricFactory } from './registry.ts';
import type { Transport } from './transport.ts';
import { createTransport } from './transport.ts';
import { createUpstream } from './upstream.ts';

export const VERSION = '0.1.0';
const BODY_LIMIT_BYTES = 64 * 1024;

/** What every service of the shop is built from. One per process; the services themselves stay small. */
export interface Kit {
  readonly config: ShopConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly pharos: Pharos;
  readonly metrics: MetricFactory;
  readonly faults: FaultState;
  readonly guard: Guard;
  /** While dead by a fault, a service answers nobody, runs no jobs and pushes nothing. */
  readonly life: { dead: boolean };
  readonly transport: Transport;
  readonly userTokens: UserTokens;
  readonly serviceTokens: ServiceTokens;
  /** Who sends the request; throws a 401. */
  caller(request: FastifyRequest): Promise<Caller>;
  /** Which service sends the request; throws a 401 or a 403. */
  service(request: FastifyRequest, allowed: readonly CallerName[]): Promise<CallerName>;
  /** Another service behind its breaker. */
  upstream(target: ServiceName): Upstream;
}

export interface KitOptions {
  readonly config: ShopConfig;
  readonly faults: FaultState;
  readonly clock?: Clock;
  readonly random?: Random;
  /** No logs at all; for tests. */
  readonly quiet?: boolean;
}

export function createKit({ config, faults, quiet = false, ...options }: KitOptions): Kit {
  const { clock = systemClock, random = systemRandom } = options;
  const life = { dead: false };
  const transport = createTransport();
  const pharos = createPharos({
    service: config.name,
    version: VERSION,
    push: { transport: pushUnlessDead(transport, life) },
    logs: quiet ? { stdout: false, file: false } : { stdout: config.logStdout, file: config.logFile },
  });
  const metrics = metricFactory(pharos.registry);
  const serviceTokens = createServiceTokens(config.serviceSecret, config.name, clock);
  const validations = config.name === 'gateway' ? null : tokenMetrics(metrics).validations;
  const userTokens = createUserTokens(config.jwtSecret, clock, (result) => validations?.inc({ result }));
  return {
    config,
    clock,
    random,
    pharos,
    metrics,
    faults,
    guard: createGuard(config.allowedHosts),
    life,
    transport,
    userTokens,
    serviceTokens,
    caller: async (request) => {
      const caller = await userTokens.verify(request.headers.authorization);
      pharos.setUsername(caller.username);
      return caller;
    },
    service: (request, allowed) => serviceTokens.verify(request.headers.authorization, allowed),
    upstream: (target) =>
      createUpstream({ pharos, target, baseUrl: config.urls[target], transport, tokens: serviceTokens }),
  };
}

/** The SDK's pushes end with the service; what waits is delivered when it is back. */
export function pushUnlessDead(transport: Transport, life: { readonly dead: boolean }): PushTransport {
  return async ({ url, headers, body, answerBytes, signal }) => {
    if (life.dead) throw new Error('the service is dead by a fault');
    const answer = await transport.send(
      url,
      { method: 'POST', path: '', headers, body: Buffer.from(body) },
      signal,
    );
    const retryAfter = Number(answer.headers['retry-after'] ?? Number.NaN);
    const head = {
      status: answer.status,
      retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined,
    };
    // Commands to the breakers come in answers.
    return answerBytes === undefined ? head : { ...head, body: answer.body.toString('utf8') };
  };
}

/** A Fastify application with the SDK, the door checks, the faults and the shop's error shape; routes come after. */
export async function createApp(kit: Kit): Promise<FastifyInstance> {
  const { pharos, guard, faults } = kit;
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    forceCloseConnections: true,
    requestIdHeader: false,
    genReqId: (request) => String(request.headers['x-request-id'] ?? ''),
  });
  await app.register(pharos.fastify());
  checkDoor(app, guard);
  app.addHook('preHandler', async (request, reply) => {
    if (isBusiness(request.routeOptions.url)) await faults.beforeRequest(hangUpSignal(reply));
  });
  app.addHook('onResponse', async (request, reply) => logRequest(pharos, request, reply));
  handleErrors(app, kit);
  return app;
}

/** The door check and the headers of every answer. Answers hold tokens and balances: nothing may keep them. */
export function checkDoor(app: FastifyInstance, guard: Guard): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    reply.header('x-content-type-options', 'nosniff');
    const refusal = guard(request.headers);
    if (refusal !== null) throw new ShopError('forbidden', refusal);
  });
}

/** Faults hit what the service is for, never the routes by which it is watched. */
function isBusiness(url: string | undefined): boolean {
  if (url === undefined) return false;
  return url.startsWith('/api/') || url.startsWith('/internal/') || BUSINESS_ROUTES.has(url);
}

const BUSINESS_ROUTES: ReadonlySet<string> = new Set(['/register', '/signin', '/database/status']);

function hangUpSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort(new Error('the caller hung up')));
  return controller.signal;
}

function logRequest(pharos: Pharos, request: FastifyRequest, reply: FastifyReply): void {
  const route = request.routeOptions.url ?? 'unmatched';
  const { statusCode } = reply;
  const context = { method: request.method, route, status: statusCode, ms: Math.round(reply.elapsedTime) };
  if (isBusiness(route)) pharos.logger.info(`${request.method} ${route} ${statusCode}`, context);
}

function handleErrors(app: FastifyInstance, { pharos, metrics }: Kit): void {
  const { http500, errorTypes } = errorMetrics(metrics);
  app.setErrorHandler(async (error, _request, reply) => {
    const rendered = renderError(error, pharos.context()?.requestId ?? '');
    if (rendered.retryAfterSeconds !== undefined)
      reply.header('retry-after', Math.ceil(rendered.retryAfterSeconds));
    return reply.code(rendered.status).send(rendered.body);
  });
  app.setNotFoundHandler(async (request) => {
    throw new ShopError('not_found', `there is no ${request.method} ${request.url.slice(0, 100)} here`);
  });
  // Counted when the answer is out, so that errors that are only passed on count too.
  app.addHook('onResponse', async (_request, { statusCode }) => {
    if (statusCode < 400) return;
    if (statusCode === 500) http500.inc({});
    errorTypes.inc({ type: pharos.context()?.errorType ?? classify(null, statusCode).type });
  });
}

/** `GET /circuit-breakers/status` and `POST /circuit-breakers/reset?service=` for a service that owns breakers. */
export function breakerRoutes(app: FastifyInstance, { pharos }: Kit, base = '/circuit-breakers'): void {
  const statusUrl = base === '/circuit-breakers' ? `${base}/status` : base;
  app.get(statusUrl, async () => pharos.breakers.snapshot());
  app.post<{ Querystring: { service?: unknown } }>(`${base}/reset`, async (request) => {
    const { service } = request.query;
    if (service !== undefined && typeof service !== 'string') {
      throw new ShopError('validation', 'service: expected one name');
    }
    const reset = pharos.breakers.reset(service);
    if (service !== undefined && reset.length === 0) {
      const known = pharos.breakers.snapshot().map((breaker) => breaker.service);
      throw new ShopError('not_found', `service: there is no breaker for ${JSON.stringify(service)}`, {
        details: [{ field: 'service', value: service.slice(0, 80), expected: `one of ${known.join(', ')}` }],
      });
    }
    return { reset, circuit_breakers: pharos.breakers.snapshot() };
  });
}

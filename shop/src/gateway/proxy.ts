import type { Policy } from '@pharos/node';
import { CircuitOpenError, classify, TimeoutError } from '@pharos/node';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { iso } from '../shared/clock.ts';
import { ShopError } from '../shared/errors.ts';
import type { Kit } from '../shared/kit.ts';
import type { RawAnswer, RawRequest } from '../shared/transport.ts';
import type { ActiveUsers } from './active-users.ts';
import type { Backend, ProxiedRoute } from './routes-table.ts';
import { BACKENDS, PROXIED_ROUTES } from './routes-table.ts';
import type { GatewayStats } from './stats.ts';
import type { Verdicts } from './verdicts.ts';

const TRY_TIMEOUT_MS = 8_000;
const ATTEMPTS = 3;
const BASE_DELAY_MS = 100;
const MAX_DELAY_MS = 1_000;
/** Statuses that say "not now" rather than "this request is broken". */
const TRANSIENT: ReadonlySet<number> = new Set([502, 503, 504]);
const FORWARDED_REQUEST_HEADERS = ['authorization', 'content-type', 'accept'] as const;
const FORWARDED_ANSWER_HEADERS = ['content-type', 'retry-after'] as const;

/** A server error of an upstream: it counts against the breaker, but its answer is still passed on. */
class UpstreamFailed extends Error {
  override readonly name = 'UpstreamFailed';
  readonly answer: RawAnswer;

  constructor(answer: RawAnswer) {
    super(`the upstream answered ${answer.status}`);
    this.answer = answer;
  }
}

export interface ProxyDeps {
  readonly kit: Kit;
  readonly stats: GatewayStats;
  /** Seconds that a client has to wait; 0 when it may go on. */
  readonly rateLimit: (client: string) => number;
  readonly activeUsers: ActiveUsers;
  readonly verdicts: Verdicts;
}

/** Passes every public route on: deadline, breaker per upstream, and retries where a repeat is harmless. */
export function proxyRoutes(app: FastifyInstance, deps: ProxyDeps): void {
  const { pharos } = deps.kit;
  const policies = new Map(
    BACKENDS.map((backend) => {
      const breaker = pharos.breakers.create(`${backend}-client`);
      const retry = { attempts: ATTEMPTS, baseDelay: BASE_DELAY_MS, maxDelay: MAX_DELAY_MS, retryable };
      return [
        backend,
        {
          once: pharos.policy({ breaker, timeout: TRY_TIMEOUT_MS }),
          repeated: pharos.policy({ breaker, timeout: TRY_TIMEOUT_MS, retry }),
        },
      ] as const;
    }),
  );
  // Bodies pass through as they came: it is for the service behind to judge them.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  for (const route of PROXIED_ROUTES) {
    const policy = policies.get(route.backend);
    if (policy === undefined) continue;
    const chosen = route.method === 'GET' ? policy.repeated : policy.once;
    app.route({
      method: route.method,
      url: route.url,
      handler: (request, reply) => forward(deps, route, chosen, request, reply),
    });
  }
}

/** Worth another try: the upstream could not be reached or says that it is busy. A timeout is not: its load would double. */
function retryable(error: unknown): boolean {
  if (error instanceof UpstreamFailed) return TRANSIENT.has(error.answer.status);
  return !(error instanceof TimeoutError);
}

async function forward(
  deps: ProxyDeps,
  route: ProxiedRoute,
  policy: Policy,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { kit, stats, verdicts } = deps;
  const known = await limit(deps, request);
  // What carries no valid token is refused behind anyway: it is no order.
  if (route.judged === true && known) await verdicts.requested(request.body);
  const started = kit.clock.monotonic();
  const finish = (status: number): void => {
    const ms = kit.clock.monotonic() - started;
    stats.record(route.backend, status, ms);
    if (route.judged === true && known) verdicts.answered({ status, ms });
  };
  try {
    const answer = await policy.execute((signal) =>
      send(kit, route.backend, rawRequest(route, request), signal),
    );
    finish(answer.status);
    return pass(reply, answer);
  } catch (error) {
    const failure = error instanceof UpstreamFailed ? error : asFailure(error, route.backend);
    const status = statusOf(failure);
    finish(status);
    report(deps, route, failure, status);
    if (failure instanceof UpstreamFailed) {
      kit.pharos.captureError(failure, { status });
      return pass(reply, failure.answer);
    }
    throw failure;
  }
}

/** Throws for whoever asks too often; says whether it is a user with a valid token. */
async function limit({ kit, rateLimit, activeUsers }: ProxyDeps, request: FastifyRequest): Promise<boolean> {
  const client = await clientOf(kit, activeUsers, request);
  const retryAfterSeconds = rateLimit(client);
  if (retryAfterSeconds === 0) return client.startsWith('user:');
  const message = `too many requests; try again in ${Math.ceil(retryAfterSeconds)} s`;
  throw new ShopError('rate_limited', message, { retryAfterSeconds });
}

/** A signed-in user is limited as such, everybody else by address: an unchecked token would be a way around the limit. */
async function clientOf(kit: Kit, activeUsers: ActiveUsers, request: FastifyRequest): Promise<string> {
  if (request.headers.authorization === undefined) return `ip:${request.ip}`;
  try {
    const { userId } = await kit.caller(request);
    activeUsers.seen(userId);
    return `user:${userId}`;
  } catch {
    return `ip:${request.ip}`;
  }
}

async function send(kit: Kit, backend: Backend, raw: RawRequest, signal: AbortSignal): Promise<RawAnswer> {
  const answer = await kit.transport.send(kit.config.urls[backend], raw, signal);
  if (answer.status >= 500) throw new UpstreamFailed(answer);
  return answer;
}

function rawRequest(route: ProxiedRoute, request: FastifyRequest): RawRequest {
  const headers: Record<string, string> = {};
  for (const name of FORWARDED_REQUEST_HEADERS) {
    const value = request.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  const query = request.url.indexOf('?');
  const path = query === -1 ? route.url : route.url + request.url.slice(query);
  const body = Buffer.isBuffer(request.body) ? request.body : undefined;
  if (body === undefined && route.method === 'POST') delete headers['content-type'];
  return { method: route.method, path, headers, body };
}

function pass(reply: FastifyReply, answer: RawAnswer): FastifyReply {
  for (const name of FORWARDED_ANSWER_HEADERS) {
    const value = answer.headers[name];
    if (typeof value === 'string') reply.header(name, value);
  }
  return reply.code(answer.status).send(answer.body);
}

function asFailure(error: unknown, backend: Backend): Error {
  if (error instanceof CircuitOpenError) return error;
  if (error instanceof TimeoutError) {
    return new ShopError('timeout', `${backend} did not answer within ${error.timeoutMs} ms`, {
      cause: error,
    });
  }
  return new ShopError('bad_gateway', `${backend} cannot be reached`, { cause: error });
}

function statusOf(failure: Error): number {
  if (failure instanceof UpstreamFailed) return failure.answer.status;
  return failure instanceof ShopError ? failure.status : 503;
}

function report({ kit, stats }: ProxyDeps, route: ProxiedRoute, failure: Error, status: number): void {
  const { type, severity } = classify(failure, status);
  stats.error({
    timestamp: iso(kit.clock.now()),
    service: route.backend,
    type,
    severity,
    status,
    method: route.method,
    route: route.url,
    message: failure.message,
    request_id: kit.pharos.context()?.requestId ?? '',
  });
}

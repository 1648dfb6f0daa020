import type { SecureContextOptions } from 'node:tls';
import compress from '@fastify/compress';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { PharosError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { type Authenticator, admit, DEFAULT_TENANT } from './admit.ts';
import { installBodies } from './body.ts';
import { httpErrors } from './errors.ts';
import { type GatePolicy, judge } from './gate.ts';
import { applyErrorHead, renderPharosError, toPharosError } from './render.ts';
import { countRequests, type HttpTelemetry } from './telemetry.ts';
import type { ApiModule, ErrorRenderer, HttpApp } from './types.ts';

export interface HttpServerOptions {
  readonly policy: GatePolicy;
  readonly authenticator: Authenticator;
  readonly metrics: HttpTelemetry;
  readonly log: Log;
  readonly maxBody: number;
  readonly maxBodiesInFlight: number;
  readonly tls?: (SecureContextOptions & { requestCert?: boolean; rejectUnauthorized?: boolean }) | undefined;
}

/**
 * The HTTP server without routes: the gate, bodies, headers, compression, errors and own metrics.
 *
 *   request ─> gate (host, origin, login) ─> tenant ─> body (limits, decompression) ─> route of an ApiModule
 *                                                                                    └─> its own error shape
 */
export async function createHttpApp(options: HttpServerOptions): Promise<HttpApp> {
  const app = build(options);
  const { metrics } = options;
  app.setValidatorCompiler(bodiesOfSchemas);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest('tenant', DEFAULT_TENANT);
  app.decorateRequest('user', '');
  app.decorateRequest('tenants');
  // Before the gate, so that its refusals carry them too.
  installHeaders(app, options.tls !== undefined);
  installCors(app, options.policy);
  installGate(app, options);
  installBodies(app, { perBody: options.maxBody, inFlight: options.maxBodiesInFlight });
  await app.register(compress, {
    threshold: 2048,
    encodings: ['gzip', 'identity'],
    globalDecompression: false,
  });
  countRequests(app, metrics);
  refuseBytes(app);
  installErrors(app, renderPharosError, options.log);
  return app;
}

/** A request without a body has none, not the value null: what a schema puts in its place counts. */
const bodiesOfSchemas: typeof validatorCompiler = (route) => {
  const validate = validatorCompiler(route);
  return route.httpPart === 'body' ? (body: unknown) => validate(body ?? undefined) : validate;
};

/** What no parser knows came as bytes: it fits no schema, and is told by its type, not byte by byte. */
function refuseBytes(app: HttpApp): void {
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.routeOptions.schema?.body === undefined || !Buffer.isBuffer(request.body)) done();
    else done(unreadable(request.headers['content-type']));
  });
}

function unreadable(type: string | undefined): PharosError {
  const sent =
    type === undefined
      ? 'the body has no Content-Type'
      : `Content-Type "${type.slice(0, 100)}" is not read here`;
  return httpErrors.make('unsupportedMedia', `${sent}; expected application/json`);
}

function build(options: HttpServerOptions): HttpApp {
  const base = {
    bodyLimit: options.maxBody,
    routerOptions: { maxParamLength: 4096 },
    forceCloseConnections: 'idle' as const,
    requestTimeout: 120_000,
  };
  const made = options.tls === undefined ? Fastify(base) : Fastify({ ...base, https: options.tls });
  return made as unknown as HttpApp; // oxlint-disable-line typescript/no-unsafe-type-assertion -- Fastify types an HTTPS server apart; routes never see the difference
}

/**
 * Lets pages of the configured origins read the answers (Fetch standard, CORS protocol). A preflight carries no
 * credentials, so it is answered before the login; it tells nothing but this.
 */
function installCors(app: HttpApp, policy: GatePolicy): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    if (policy.allowedOrigins.size > 0) void reply.header('vary', 'Origin');
    if (origin === undefined || !policy.allowedOrigins.has(origin)) return;
    void reply.header('access-control-allow-origin', origin);
    void reply.header('access-control-expose-headers', '*');
    const method = request.headers['access-control-request-method'];
    if (request.method !== 'OPTIONS' || method === undefined) return;
    const refusal = judge({ method, headers: request.headers, authenticated: true }, policy);
    if (refusal !== null) throw refusal;
    return await reply
      .code(204)
      .headers({
        'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '',
        'access-control-max-age': '600',
      })
      .send();
  });
}

function installGate(app: HttpApp, options: HttpServerOptions): void {
  app.addHook('onRequest', async (request) => {
    const { method, headers } = request;
    const { config } = request.routeOptions;
    const own = config.credentials?.(request) ?? null;
    const embeddable = own !== null && config.embeddable?.() === true;
    const { user, tenants, tenant } = await admit({ method, headers, embeddable }, options, own);
    request.user = user;
    request.tenants = tenants;
    request.tenant = tenant;
  });
}

/** `style-src 'unsafe-inline'` is for style attributes set by the component library; scripts are only our own files. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

function installHeaders(app: HttpApp, secure: boolean): void {
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers({
      'content-security-policy': CSP,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    if (secure) void reply.header('strict-transport-security', 'max-age=31536000');
    done();
  });
}

function installErrors(
  app: Pick<FastifyInstance, 'setErrorHandler'> | HttpApp,
  render: ErrorRenderer,
  log: Log,
): void {
  const handler = (thrown: unknown, request: FastifyRequest, reply: FastifyReply): unknown => {
    const error: PharosError = toPharosError(thrown);
    if (error.kind === 'internal')
      log.error({ err: error.cause ?? error, route: request.routeOptions.url }, 'a request failed inside');
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return reply;
    }
    applyErrorHead(reply, error);
    return reply.send(render(error, request, reply));
  };
  app.setErrorHandler(handler);
}

/** Adds an API in its own scope, so that its error shape stays its own. Until `isOpen` only what is early answers. */
export async function addApi(
  app: HttpApp,
  api: ApiModule,
  log: Log,
  isOpen: () => boolean = () => true,
): Promise<void> {
  await app.register(async (scope: HttpApp) => {
    installErrors(scope, api.renderError, log);
    if (api.early !== true) installStartingGate(scope, isOpen);
    await api.register(scope);
  });
}

function installStartingGate(scope: HttpApp, isOpen: () => boolean): void {
  scope.addHook('onRequest', (request, _reply, done) => {
    if (isOpen() || request.routeOptions.config.early === true) done();
    else done(httpErrors.make('starting', 'Pharos is starting', { retryAfterSeconds: 1 }));
  });
}

/** Prefixes under which an unknown path is a JSON error and never the dashboard's page. */
const API_PREFIX =
  /^\/(api|loki|alertmanager|prometheus|otlp|v1|-|monitoring|jaeger|zipkin|metrics|docs|redoc)(\/|$)/;

/** Unknown paths: an error under an API prefix, else what `page` answers (the dashboard's shell). */
export function installNotFound(
  app: HttpApp,
  page: (request: FastifyRequest, reply: FastifyReply) => unknown,
): void {
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const wantsPage =
      request.method === 'GET' &&
      !API_PREFIX.test(path) &&
      (request.headers.accept ?? '').includes('text/html');
    if (wantsPage) return page(request, reply);
    const error = httpErrors.make('notFound', `nothing answers ${request.method} ${path.slice(0, 200)}`);
    applyErrorHead(reply, error);
    return reply.send(renderPharosError(error, request, reply));
  });
}

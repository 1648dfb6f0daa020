import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Span } from '@opentelemetry/api';
import { Gauge, Registry } from 'prom-client';
import { BreakerChannel } from './breaker/channel.ts';
import { BreakerRegistry } from './breaker/registry.ts';
import { ContextStore, type RequestContext } from './context/context.ts';
import { propagateContext } from './context/propagate.ts';
import { type CapturedError, type CaptureOptions, ErrorCapture } from './errors/capture.ts';
import { ErrorShipper } from './errors/shipper.ts';
import { Health, type HealthStatus } from './health/health.ts';
import { SERVICE_STATES, ServiceHealth, type ServiceState } from './health/service-health.ts';
import { type Endpoints, endpoints, endpointTable, type Handler } from './http/endpoints.ts';
import { type FastifyPlugin, fastifyPlugin } from './http/fastify.ts';
import { Instrument, type Middleware, type MiddlewareOptions, type Next } from './http/instrument.ts';
import { type Listener, openListener } from './http/listener.ts';
import { type LogDestination, logDestination, stdoutStream } from './logs/destination.ts';
import { createLogger, type Logger } from './logs/logger.ts';
import { LogShipper } from './logs/shipper.ts';
import { httpMetrics } from './metrics/http-metrics.ts';
import { processMetrics } from './metrics/process-metrics.ts';
import { type PharosOptions, resolveSettings, type Settings } from './options.ts';
import { Reporter } from './push/reporter.ts';
import { type Policy, type PolicyOptions, policy } from './resilience/policy.ts';
import { withTimeout } from './resilience/timeout.ts';
import { inContext, inSpan, type SpanOptions } from './tracing/span.ts';
import { createTracing, type Tracing } from './tracing/tracing.ts';

/** How long a scrape waits for the service's own checks before it leaves their metrics out. */
const SCRAPE_WAIT_MS = 1_000;
const STOP_DEADLINE_MS = 2_000;

/** Everything the SDK does for one service. Made by `createPharos`. */
export interface Pharos {
  readonly service: string;
  readonly settings: Settings;
  /** prom-client's registry of this instance; register the service's own metrics here. */
  readonly registry: Registry;
  readonly logger: Logger;
  readonly health: Health;
  readonly breakers: BreakerRegistry;
  readonly errors: ErrorCapture;
  /** Handlers to mount by hand, where `endpoints: false` keeps the middleware from serving them. */
  readonly endpoints: Endpoints;
  /** Resolves when the extra listeners are open, or known not to open. */
  readonly listening: Promise<readonly Listener[]>;
  /** For Express, Connect, and anything else that calls `(request, response, next)`. Goes first. */
  middleware(options?: MiddlewareOptions): Middleware;
  /** For Express, goes last: captures the error and passes it on. */
  errorMiddleware(): (error: unknown, request: IncomingMessage, response: ServerResponse, next: Next) => void;
  /** For Fastify: `await app.register(pharos.fastify())`, before the routes. */
  fastify(options?: MiddlewareOptions): FastifyPlugin;
  /** For node:http: `createServer(pharos.instrumentHttp(handler))`. */
  instrumentHttp(handler: RequestListener, options?: MiddlewareOptions): RequestListener;
  /** The context of the request that the running code works for. */
  context(): RequestContext | undefined;
  /** Runs work in a context and a span of its own, for jobs and consumers that no HTTP request started. */
  runInContext<T>(work: () => T, headers?: Readonly<Record<string, string>>, name?: string): T;
  /** Names the route template of the running request, where no framework does. */
  setRoute(template: string): void;
  /** Names the user of the running request in its logs and errors. */
  setUsername(username: string): void;
  captureError(error: unknown, options?: CaptureOptions): CapturedError;
  /**
   * Runs work in a span of its own below the running one; outside of any request it starts a trace. The span ends when the work is
   * done, and says so when it throws or rejects. Where no spans are recorded the work just runs.
   */
  span<T>(name: string, work: (span: Span | undefined) => T, options?: SpanOptions): T;
  /** `breaker(retry(timeout(call)))` on this instance's clock. */
  policy(options: Omit<PolicyOptions, 'clock' | 'random'>): Policy;
  /** States a service's health; repeated to Pharos every 30 s. `unknown` withdraws it. */
  reportHealth(service: string, status: ServiceState): void;
  reportActiveUsers(count: number): void;
  /** Undoes everything: timers, listeners, wrapped modules. Sends what is waiting first, within `deadlineMs` (2,000). */
  stop(deadlineMs?: number): Promise<void>;
}

/** Makes and starts an instance with its own registry, context and breakers. Throws TypeError on options that cannot be meant. */
export function createPharos(options: PharosOptions): Pharos {
  const settings = resolveSettings(options);
  const parts = assemble(settings);
  const { registry, contexts, logger, breakers, health, errors, states, activeUsers, tracing } = parts;
  const { instrument, handlers, table, reporter } = parts;
  const { clock, random } = settings;
  for (const problem of settings.problems) logger.warn(problem);
  const undoPropagation =
    settings.propagation === null ? null : propagateContext(contexts, settings.propagation, tracing);
  const listening = openListeners(settings, handlers, logger);
  return {
    service: settings.service,
    settings,
    registry,
    logger,
    health,
    breakers,
    errors,
    endpoints: handlers,
    listening,
    middleware: (own) => instrument.middleware(own),
    errorMiddleware: () => (error, _request, _response, next) => {
      errors.capture(error);
      next(error);
    },
    fastify: (own = {}) => fastifyPlugin({ instrument, contexts, errors, endpoints: table }, own),
    instrumentHttp: (handler, own = {}) => bare(instrument.middleware(own), handler, errors),
    context: () => contexts.get(),
    runInContext: (work, headers = {}, name = 'background work') =>
      inContext({ tracing, contexts }, work, lowerCase(headers), name),
    setRoute: (template) => assign(contexts, { route: template }),
    setUsername: (username) => assign(contexts, { username }),
    captureError: (error, own) => errors.capture(error, own),
    span: (name, work, own) => inSpan({ tracing, contexts }, name, work, own),
    policy: (own) => policy({ ...own, clock, random }),
    reportHealth: (name, status) => {
      if (states.report(name, status)) reporter?.healthChanged();
      else
        logger.warn(`reportHealth: expected one of ${SERVICE_STATES.join(', ')}; it is ignored`, { status });
    },
    reportActiveUsers: (count) => {
      if (Number.isFinite(count) && count >= 0) activeUsers.set(count);
      else logger.warn('reportActiveUsers: count is not a number of at least 0; it is ignored', { count });
    },
    stop: async (deadlineMs = STOP_DEADLINE_MS) => {
      undoPropagation?.();
      await Promise.all([
        reporter?.stop(deadlineMs),
        tracing?.stop(deadlineMs),
        parts.channel?.stop(deadlineMs),
      ]);
      await Promise.all([parts.shipper?.stop(deadlineMs), parts.errorShipper?.stop(deadlineMs)]);
      for (const listener of await listening) await listener.close();
      const waited = new AbortController();
      await Promise.race([
        parts.destination.close(),
        clock.sleep(deadlineMs, waited.signal).catch(() => undefined),
      ]);
      waited.abort();
      contexts.close();
    },
  };
}

interface Parts {
  readonly registry: Registry;
  readonly contexts: ContextStore;
  readonly destination: LogDestination;
  readonly logger: Logger;
  readonly breakers: BreakerRegistry;
  readonly health: Health;
  readonly errors: ErrorCapture;
  readonly states: ServiceHealth;
  readonly activeUsers: Gauge;
  readonly handlers: Endpoints;
  readonly table: ReadonlyMap<string, Handler>;
  readonly instrument: Instrument;
  readonly reporter: Reporter | null;
  /** Null where Pharos is not told of the breakers. */
  readonly channel: BreakerChannel | null;
  /** Null where spans have nowhere to go. */
  readonly tracing: Tracing | null;
  readonly shipper: LogShipper | null;
  readonly errorShipper: ErrorShipper | null;
}

/** Builds what the handle is made of; starts nothing but the reporter's timers. */
function assemble(settings: Settings): Parts {
  const { service, clock, random, tracing } = settings;
  const registry = new Registry();
  registry.setDefaultLabels(settings.metrics.labels);
  const contexts = new ContextStore({ startTraces: tracing.enabled, sampler: tracing.sampler, random });
  const { push } = settings;
  const shipper =
    push === null || !settings.logs.push ? null : new LogShipper({ push, clock, random, contexts });
  const destination = openDestination(settings, shipper);
  const { level, maskKeys } = settings.logs;
  const logger = createLogger({ service, level, clock, contexts, destination, maskKeys });
  shipper?.open(logger);
  const target = tracing.export;
  const spans = target === null ? null : createTracing({ settings, target, contexts, logger });
  const defaults = settings.circuitBreaker;
  const breakers = new BreakerRegistry({ owner: service, registry, clock, logger, defaults });
  const { cacheMs, timeoutMs } = settings.health;
  const health = new Health({ service, version: settings.version, clock, breakers, cacheMs, timeoutMs });
  const errorShipper = openErrorShipper(settings, contexts, logger);
  const errors = new ErrorCapture({
    ...settings.errors,
    sinks: errorShipper === null ? settings.errors.sinks : [...settings.errors.sinks, errorShipper],
    sent: errorShipper !== null,
    service,
    registry,
    clock,
    contexts,
    logger,
    maskKeys,
  });
  const states = new ServiceHealth({ service, registry, own: () => ownStatus(health, settings) });
  const registers = [registry];
  const activeUsers = new Gauge({ name: 'active_users_total', help: 'Users active now.', registers });
  if (settings.metrics.enabled) processMetrics(registry, clock);
  const metrics = settings.metrics.enabled ? httpMetrics(registry, settings.metrics.buckets) : null;
  const handlers = endpoints(registry, health, service);
  const table = endpointTable(handlers, {
    metrics: settings.metrics.enabled ? settings.metrics.path : null,
    health: settings.health.enabled ? settings.health.path : null,
  });
  const instrument = new Instrument({
    service,
    clock,
    contexts,
    errors,
    metrics,
    endpoints: table,
    tracing: spans,
  });
  const reporter =
    push === null ? null : new Reporter({ settings, push, registry, states, logger, contexts });
  const channel =
    push === null || !settings.breakers.push
      ? null
      : new BreakerChannel({ settings, push, breakers, logger, contexts });
  return {
    registry,
    contexts,
    destination,
    logger,
    breakers,
    health,
    errors,
    states,
    activeUsers,
    handlers,
    table,
    instrument,
    reporter,
    channel,
    tracing: spans,
    shipper,
    errorShipper,
  };
}

/** A scrape does not wait for slow checks: without an answer in time there is no sample. */
async function ownStatus(health: Health, { clock }: Settings): Promise<HealthStatus | null> {
  try {
    return (await withTimeout(() => health.report(), SCRAPE_WAIT_MS, { clock })).status;
  } catch {
    return null;
  }
}

function openErrorShipper(settings: Settings, contexts: ContextStore, logger: Logger): ErrorShipper | null {
  const { push, clock, random, errors, instance } = settings;
  if (push === null || !errors.push) return null;
  const { release, environment } = errors;
  const about = { sdk: 'pharos.node', instance, release, environment };
  const shipper = new ErrorShipper({ push, clock, random, contexts, about });
  shipper.open(logger);
  return shipper;
}

function openDestination(settings: Settings, shipper: LogShipper | null): LogDestination {
  const { stdout, file } = settings.logs;
  const stream = typeof stdout === 'boolean' ? (stdout ? stdoutStream() : null) : stdout;
  return logDestination({ stdout: stream, file, shipper });
}

/** Extra listeners for the ports that are set; one for both when they are the same. */
async function openListeners(
  settings: Settings,
  handlers: Endpoints,
  logger: Logger,
): Promise<readonly Listener[]> {
  const { metrics, health, listenHost: host } = settings;
  const wanted = new Map<number, { purpose: string; table: Map<string, Handler> }[]>();
  const want = (purpose: string, port: number | null, table: ReadonlyMap<string, Handler>): void => {
    if (port === null) return;
    const shared = port === 0 ? undefined : wanted.get(port)?.[0];
    if (shared === undefined) {
      wanted.set(port, [...(wanted.get(port) ?? []), { purpose, table: new Map(table) }]);
      return;
    }
    shared.purpose = `${shared.purpose} and ${purpose}`;
    for (const [path, handler] of table) shared.table.set(path, handler);
  };
  if (metrics.enabled)
    want('metrics', metrics.port, endpointTable(handlers, { metrics: metrics.path, health: null }));
  if (health.enabled)
    want('health', health.port, endpointTable(handlers, { metrics: null, health: health.path }));
  const opening = Array.from(wanted, ([port, listeners]) =>
    listeners.map(({ purpose, table }) => openListener({ host, port, table, logger, purpose })),
  );
  return Promise.all(opening.flat());
}

/** A bare handler's throw or rejection stays what it is for the process; it is captured on its way. */
function bare(middleware: Middleware, handler: RequestListener, errors: ErrorCapture): RequestListener {
  const captured = (error: unknown): never => {
    errors.capture(error);
    throw error;
  };
  return (request, response) => {
    middleware(request, response, () => {
      try {
        const result: unknown = Reflect.apply(handler, undefined, [request, response]);
        if (result instanceof Promise) void result.catch(captured);
      } catch (error) {
        captured(error);
      }
    });
  };
}

function assign(contexts: ContextStore, values: Partial<RequestContext>): void {
  const context = contexts.get();
  if (context !== undefined) Object.assign(context, values);
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

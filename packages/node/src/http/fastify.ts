import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ContextStore } from '../context/context.ts';
import type { ErrorCapture } from '../errors/capture.ts';
import type { Handler } from './endpoints.ts';
import type { Instrument, MiddlewareOptions } from './instrument.ts';

/** A Fastify plugin: `await app.register(pharos.fastify())`. Typed loosely, so that the SDK needs no Fastify. */
export type FastifyPlugin = (app: object, options: object, done: (error?: Error) => void) => void;

interface FastifyApp {
  addHook(name: string, hook: (...args: never[]) => unknown): unknown;
  route(definition: object): unknown;
}

interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly routeOptions?: { readonly url?: string | undefined } | undefined;
}

interface FastifyReply {
  readonly raw: ServerResponse;
  hijack(): unknown;
}

export interface FastifyDeps {
  readonly instrument: Instrument;
  readonly contexts: ContextStore;
  readonly errors: ErrorCapture;
  readonly endpoints: ReadonlyMap<string, Handler>;
}

/** Instruments every route of the application it is registered on, also those of its parents' later plugins (`skip-override`). */
export function fastifyPlugin(deps: FastifyDeps, options: MiddlewareOptions): FastifyPlugin {
  const plugin: FastifyPlugin = (app, _options, done) => {
    if (!isFastify(app)) {
      done(new TypeError('pharos.fastify() is registered on something that is no Fastify application'));
      return;
    }
    addHooks(app, deps, options);
    if (options.endpoints !== false) addRoutes(app, deps.endpoints);
    done();
  };
  return Object.assign(plugin, {
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: '@pharos/node',
  });
}

function addHooks(app: FastifyApp, deps: FastifyDeps, options: MiddlewareOptions): void {
  const { instrument, contexts, errors } = deps;
  app.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
    if (options.endpoints !== false && instrument.endpointOf(request.raw) !== undefined) {
      done();
      return;
    }
    const route = (): string | undefined => request.routeOptions?.url ?? options.route?.(request.raw);
    contexts.run(instrument.begin(request.raw, reply.raw, { ...options, route }), done);
  });
  app.addHook(
    'onError',
    (request: FastifyRequest, _reply: FastifyReply, error: unknown, done: () => void) => {
      const context = instrument.contextOf(request.raw);
      if (context === undefined) errors.capture(error);
      else {
        context.route ??= request.routeOptions?.url;
        contexts.run(context, () => errors.capture(error));
      }
      done();
    },
  );
}

function addRoutes(app: FastifyApp, table: ReadonlyMap<string, Handler>): void {
  for (const [url, handler] of table) {
    app.route({
      method: 'GET',
      url,
      logLevel: 'warn',
      handler: (request: FastifyRequest, reply: FastifyReply) => {
        reply.hijack();
        handler(request.raw, reply.raw);
      },
    });
  }
}

function isFastify(app: object): app is FastifyApp {
  return (
    'addHook' in app && typeof app.addHook === 'function' && 'route' in app && typeof app.route === 'function'
  );
}

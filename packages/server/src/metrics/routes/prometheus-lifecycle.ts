import type { FastifyReply } from 'fastify';
import type { HttpApp } from '../../http/types.ts';
import { PharosError } from '../../kernel/errors.ts';
import { documented } from './route-docs.ts';

/** What the process lets the API do with itself. */
export interface Lifecycle {
  /** Whether `/-/reload` and `/-/quit` may be used at all. */
  readonly enabled: boolean;
  /** Rejects with every problem when the configuration is refused; the old one stays. */
  reload(): Promise<void>;
  /** Begins the graceful stop. */
  quit(): void;
}

export interface LifecycleRoutesDeps {
  readonly lifecycle: Lifecycle;
  /** Whether queries can be answered. */
  ready(): boolean;
}

/** Prometheus' management calls under `/-/`: plain text, outside the envelope. */
export function registerLifecycleRoutes(app: HttpApp, deps: LifecycleRoutesDeps): void {
  const probe = (url: string, summary: string, answer: (reply: FastifyReply) => FastifyReply): void => {
    app.route({
      method: ['GET', 'HEAD'],
      url,
      ...documented(summary, []),
      config: { early: true },
      handler: (_request, reply) => answer(reply.type(PLAIN)),
    });
  };
  probe('/-/healthy', 'Whether the process is alive.', (reply) => reply.send('Pharos is Healthy.\n'));
  probe('/-/ready', 'Whether queries can be answered.', (reply) =>
    deps.ready() ? reply.send('Pharos is Ready.\n') : reply.code(503).send('Service Unavailable'),
  );
  const { lifecycle } = deps;
  call(app, '/-/reload', 'Reads the configuration again.', lifecycle.enabled, async (reply) => {
    try {
      await lifecycle.reload();
      return await reply.send('');
    } catch (error) {
      if (!(error instanceof PharosError)) throw error;
      return await reply.code(500).send(`failed to reload config: ${error.message}\n`);
    }
  });
  call(app, '/-/quit', 'Stops the server gracefully.', lifecycle.enabled, async (reply) => {
    // The answer goes out before the server stops taking part.
    reply.raw.once('finish', () => lifecycle.quit());
    return await reply.send('Requesting termination... Goodbye!');
  });
}

const PLAIN = 'text/plain; charset=utf-8';

function call(
  app: HttpApp,
  url: string,
  summary: string,
  enabled: boolean,
  act: (reply: FastifyReply) => Promise<FastifyReply>,
): void {
  app.route({
    method: ['POST', 'PUT'],
    url,
    ...documented(`${summary} Needs \`web.enable_lifecycle\`.`, []),
    handler: (_request, reply) =>
      enabled ? act(reply.type(PLAIN)) : reply.type(PLAIN).code(403).send('Lifecycle API is not enabled.'),
  });
  app.route({
    method: 'GET',
    url,
    schema: { hide: true },
    handler: (_request, reply) =>
      reply.type(PLAIN).header('allow', 'POST, PUT').code(405).send('Only POST or PUT requests allowed'),
  });
}

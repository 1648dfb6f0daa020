import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import type { Health, HealthStatus } from '../health/health.ts';

/** Answers a request; works as a route handler of Express and Connect and as a listener of node:http. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Endpoints {
  readonly metrics: Handler;
  readonly ping: Handler;
  readonly health: Handler;
  readonly ready: Handler;
  readonly live: Handler;
}

export interface EndpointPaths {
  /** Null when metrics are off. */
  readonly metrics: string | null;
  /** Null when health is off. */
  readonly health: string | null;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';

export function endpoints(registry: Registry, health: Health, service: string): Endpoints {
  return {
    metrics: handler(async () => ({
      status: 200,
      type: registry.contentType,
      body: await registry.metrics(),
    })),
    ping: handler(async () => json(200, { message: 'pong', service })),
    health: handler(async () => report(await health.report())),
    ready: handler(async () => report(await health.readiness())),
    live: handler(async () => report(await health.liveness())),
  };
}

/** Which handler serves which path. */
export function endpointTable(handlers: Endpoints, paths: EndpointPaths): ReadonlyMap<string, Handler> {
  const table = new Map<string, Handler>();
  if (paths.metrics !== null) table.set(paths.metrics, handlers.metrics);
  if (paths.health !== null) {
    const base = paths.health.replace(/\/$/, '');
    table.set(paths.health, handlers.health);
    table.set(`${base}/ready`, handlers.ready);
    table.set(`${base}/live`, handlers.live);
    table.set('/ready', handlers.ready);
    table.set('/live', handlers.live);
    table.set('/ping', handlers.ping);
  }
  return table;
}

function report(body: { readonly status: HealthStatus }): Answer {
  return json(body.status === 'unhealthy' ? 503 : 200, body);
}

function json(status: number, body: unknown): Answer {
  return { status, type: JSON_TYPE, body: `${JSON.stringify(body)}\n` };
}

function handler(answer: () => Promise<Answer>): Handler {
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      send(request, response, json(405, { error: 'method not allowed' }));
      return;
    }
    answer().then(
      (ready) => send(request, response, ready),
      () => send(request, response, json(500, { error: 'internal error' })),
    );
  };
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  response.statusCode = status;
  response.setHeader('content-type', type);
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('content-length', Buffer.byteLength(body));
  response.end(request.method === 'HEAD' ? undefined : body);
}

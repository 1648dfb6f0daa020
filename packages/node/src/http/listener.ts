import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Logger } from '../logs/logger.ts';
import type { Handler } from './endpoints.ts';
import { requestPath } from './route.ts';

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly table: ReadonlyMap<string, Handler>;
  readonly logger: Logger;
  /** What the log calls it. */
  readonly purpose: string;
}

export interface Listener {
  readonly purpose: string;
  /** Null when the port could not be had. */
  readonly port: number | null;
  close(): Promise<void>;
}

/** Opens an extra listener; a port that is taken or forbidden is logged, never thrown. It does not keep the process alive. */
export function openListener(options: ListenerOptions): Promise<Listener> {
  const { host, port, table, logger, purpose } = options;
  const guarded = isLoopback(host);
  const server = createServer((request, response) => {
    if (guarded && !isMeantFor(request)) {
      response.writeHead(403, { 'content-type': 'application/json; charset=utf-8' });
      response.end('{"error":"this listener answers to loopback names only"}\n');
      return;
    }
    const handler = table.get(requestPath(request));
    if (handler !== undefined) {
      handler(request, response);
      return;
    }
    response.writeHead(404, { 'content-type': 'application/json; charset=utf-8' });
    response.end('{"error":"not found"}\n');
  });
  server.requestTimeout = 10_000;
  server.unref();
  return new Promise((resolve) => {
    server.once('error', (error) => {
      logger.error(`extra listener for ${purpose} could not be opened; the service goes on without it`, {
        host,
        port,
        error,
      });
      resolve({ purpose, port: null, close: async () => {} });
    });
    server.listen(port, host, () => {
      server.on('error', (error) => logger.error(`extra listener for ${purpose} failed`, { error }));
      resolve({ purpose, port: portOf(server), close: () => close(server) });
    });
  });
}

/** On loopback, a page in the user's browser must not read it by way of a name that resolves here (DNS rebinding). */
function isMeantFor({ headers }: IncomingMessage): boolean {
  const name = (headers.host ?? '').replace(/:\d+$/, '');
  return isLoopback(name) && headers['sec-fetch-site'] !== 'cross-site';
}

function isLoopback(name: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(name);
}

function portOf(server: Server): number | null {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : null;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

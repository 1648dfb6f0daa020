import { createServer, type Server } from 'node:http';
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
  const server = createServer((request, response) => {
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

import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { Server as NetServer } from 'node:net';
import type { Log } from '../kernel/log.ts';
import type { GrpcServer } from './grpc.ts';
import { explainListen } from './listen.ts';
import type { HttpApp } from './types.ts';

export interface ExtraListenersDeps {
  readonly app: HttpApp;
  readonly grpc: GrpcServer;
  readonly tls: ServerOptions | undefined;
  readonly log: Log;
}

/** Ports of the standards besides Pharos' own; 0 for none. */
export interface ExtraPorts {
  readonly otlp_grpc: number;
  readonly otlp_http: number;
}

/** The optional listeners: the same APIs once more on OTLP's HTTP port, and gRPC. A port that cannot be had is a warning. */
export class ExtraListeners {
  readonly #deps: ExtraListenersDeps;
  readonly #http: Server;
  #grpcOpen = false;

  constructor(deps: ExtraListenersDeps) {
    this.#deps = deps;
    const { app, tls } = deps;
    this.#http =
      tls === undefined
        ? createServer((request, response) => app.routing(request, response))
        : createTlsServer(tls, (request, response) => app.routing(request, response));
  }

  async open(host: string, ports: ExtraPorts): Promise<void> {
    this.#grpcOpen = await this.#listen(this.#deps.grpc.server, host, ports.otlp_grpc, 'otlp_grpc');
    await this.#listen(this.#http, host, ports.otlp_http, 'otlp_http');
  }

  async close(drainMs: number): Promise<void> {
    const http = this.#http.listening
      ? new Promise<void>((resolve) => {
          this.#http.close(() => resolve());
          this.#http.closeIdleConnections();
        })
      : Promise.resolve();
    const grpc = this.#grpcOpen ? this.#deps.grpc.close(drainMs) : Promise.resolve();
    // Requests under way have had the drain of the app, which was asked to close at the same time.
    await grpc;
    this.#http.closeAllConnections();
    await http;
  }

  async #listen(server: NetServer, host: string, port: number, name: keyof ExtraPorts): Promise<boolean> {
    if (port === 0) return false;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port }, () => {
          server.off('error', reject);
          resolve();
        });
      });
      return true;
    } catch (cause) {
      const { message } = await explainListen(cause, host, port, `web.extra_ports.${name}`);
      this.#deps.log.warn({ port }, `${message}; Pharos goes on without it`);
      return false;
    }
  }
}

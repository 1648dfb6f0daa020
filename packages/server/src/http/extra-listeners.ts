import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { Server as NetServer } from 'node:net';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { GrpcServer } from './grpc.ts';
import { explainListen } from './listen.ts';
import type { HttpApp } from './types.ts';

export interface ExtraListenersDeps {
  readonly app: HttpApp;
  readonly grpc: GrpcServer;
  readonly tls: ServerOptions | undefined;
  readonly log: Log;
  readonly clock: Clock;
}

/** Ports of the standards besides Pharos' own; 0 for none. */
export interface ExtraPorts {
  readonly otlp_grpc: number;
  readonly otlp_http: number;
  readonly jaeger: number;
  readonly zipkin: number;
}

/** Those that speak HTTP. */
const HTTP_PORTS = ['otlp_http', 'jaeger', 'zipkin'] as const;

/** Connections whose request has ended are looked for so often while a listener closes. */
const IDLE_EVERY_MS = 100;

/** The optional listeners: the same APIs once more on the HTTP ports of OTLP, Jaeger and Zipkin, and gRPC. A port that cannot be had is a warning. */
export class ExtraListeners {
  readonly #deps: ExtraListenersDeps;
  readonly #http: readonly (readonly [name: (typeof HTTP_PORTS)[number], server: Server])[];
  #grpcOpen = false;

  constructor(deps: ExtraListenersDeps) {
    this.#deps = deps;
    const { app, tls } = deps;
    this.#http = HTTP_PORTS.map((name) => [
      name,
      tls === undefined
        ? createServer((request, response) => app.routing(request, response))
        : createTlsServer(tls, (request, response) => app.routing(request, response)),
    ]);
  }

  async open(host: string, ports: ExtraPorts): Promise<void> {
    this.#grpcOpen = await this.#listen(this.#deps.grpc.server, host, ports.otlp_grpc, 'otlp_grpc');
    for (const [name, server] of this.#http) await this.#listen(server, host, ports[name], name);
  }

  /** Stops accepting and lets requests under way end; what is left after `drainMs` is cut off. */
  async close(drainMs: number): Promise<void> {
    const { clock, grpc } = this.#deps;
    const open = this.#http.map(([, server]) => server).filter((server) => server.listening);
    const closing = open.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
    const idle = clock.every(IDLE_EVERY_MS, () => {
      for (const server of open) server.closeIdleConnections();
    });
    const end = clock.after(drainMs, () => {
      for (const server of open) server.closeAllConnections();
    });
    await Promise.all([...closing, this.#grpcOpen ? grpc.close(drainMs) : undefined]);
    idle.cancel();
    end.cancel();
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

import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Clock, Timer } from './clock.ts';
import { createControl } from './control.ts';
import type { Switchable } from './faults/effects.ts';
import type { Kit } from './kit.ts';

const STOP_DEADLINE_MS = 3_000;

/** A service that listens. */
export interface RunningService {
  readonly url: string;
  readonly metricsUrl: string | null;
  readonly controlUrl: string | null;
  stop(): Promise<void>;
}

/** Something a service does by itself, now and then. */
export interface Job {
  readonly name: string;
  readonly everyMs: number;
  readonly run: () => Promise<unknown>;
}

export interface ServeOptions {
  readonly kit: Kit;
  readonly app: FastifyInstance;
  readonly jobs?: readonly Job[];
  /** Tells the dead-service fault what to switch off. */
  readonly onSwitch?: (service: Switchable) => void;
  /** What else the controller may say to this service. */
  readonly control?: (app: FastifyInstance) => void;
  readonly close?: () => void | Promise<void>;
}

/** Opens every listener of a service, runs its jobs, and can close and open all of it again. */
export async function serve(options: ServeOptions): Promise<RunningService> {
  const { kit, app, jobs = [], onSwitch, close } = options;
  const { config, pharos } = kit;
  await app.listen({ host: config.host, port: config.port });
  const servers: Server[] = [app.server];
  const metrics = config.metricsPort === null ? null : createServer(metricsOnly(kit));
  if (metrics !== null) {
    await listen(metrics, config.host, config.metricsPort ?? 0);
    servers.push(metrics);
  }
  const control = config.controlPort === null ? null : createControl(kit, options.control);
  if (control !== null) await control.listen({ host: config.host, port: config.controlPort ?? 0 });

  const { life } = kit;
  const running = jobs.map((job) => startJob(job, kit));
  const ports = servers.map((server) => ({ server, port: portOf(server) }));
  onSwitch?.({
    goDead: () => {
      life.dead = true;
      for (const { server } of ports) {
        server.close();
        server.closeAllConnections();
      }
    },
    comeBack: () => {
      life.dead = false;
      for (const { server, port } of ports) if (!server.listening) server.listen(port, config.host);
    },
  });
  pharos.logger.info('listening', { port: portOf(app.server), host: config.host });
  return {
    url: urlOf(config.host, app.server),
    metricsUrl: metrics === null ? null : urlOf(config.host, metrics),
    controlUrl: control === null ? null : urlOf(config.host, control.server),
    stop: async () => {
      pharos.health.setReady(false);
      kit.faults.clear();
      for (const job of running) job.cancel();
      await control?.close();
      metrics?.close();
      metrics?.closeAllConnections();
      await app.close();
      await kit.transport.close();
      await close?.();
      await pharos.stop();
    },
  };
}

/** Ends the process on a signal, or when its supervisor is gone: gracefully, but within a deadline. */
export function stopOnSignal(service: { stop(): Promise<void> }, clock: Clock): void {
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    clock.after(STOP_DEADLINE_MS, () => process.exit(1));
    service.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // A supervisor that was killed can send no signal: its end of the channel closes, and nobody would ever free the ports.
  if (process.connected) process.once('disconnect', stop);
}

/** Starts a process, or ends it with one clear line. */
export function runMain(name: string, start: () => Promise<void>): void {
  start().catch((error: unknown) => {
    process.stderr.write(`${name}: ${explain(error)}\n`);
    process.exit(1);
  });
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    return `port ${String(error.port)} is taken by another process; stop it, or choose another port in the environment`;
  }
  return error.message;
}

function startJob({ name, everyMs, run }: Job, { clock, pharos, life }: Kit): Timer {
  let busy = false;
  return clock.every(everyMs, () => {
    if (busy || life.dead) return;
    busy = true;
    pharos
      .runInContext(run, {}, name)
      .catch((error: unknown) => pharos.logger.warn(`${name} failed`, { error: String(error) }))
      .finally(() => {
        busy = false;
      });
  });
}

function metricsOnly({ pharos, guard }: Kit): RequestListener {
  return (request, response) => {
    const refusal = guard(request.headers);
    if (refusal === null && request.url?.split('?')[0] === '/metrics') {
      pharos.endpoints.metrics(request, response);
      return;
    }
    response.statusCode = refusal === null ? 404 : 403;
    response.setHeader('content-type', 'application/json; charset=utf-8');
    const code = refusal === null ? 'not_found' : 'forbidden';
    const message = refusal ?? 'only /metrics is here';
    response.end(JSON.stringify({ error: { code, message, details: [], request_id: '' } }));
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function urlOf(host: string, server: Server): string {
  return `http://${host}:${portOf(server)}`;
}

import type { RequestListener } from 'node:http';
import process from 'node:process';
import type { ServiceState } from './health/service-health.ts';
import type { Middleware } from './http/instrument.ts';
import { createPharos, type Pharos } from './pharos.ts';

let instance: Pharos | null = null;

/** The one instance behind the module's functions, made at the first use of any of them under the service's name given there. */
export function defaultPharos(service?: string): Pharos {
  instance ??= createPharos({
    service: service ?? process.env.OTEL_SERVICE_NAME ?? process.env.npm_package_name ?? 'service',
  });
  return instance;
}

/** Stops and forgets the default instance; the next use makes a new one. */
export async function stopDefaultPharos(): Promise<void> {
  const stopping = instance;
  instance = null;
  await stopping?.stop();
}

/** Middleware for Express, Connect and bare `(request, response, next)`: metrics, request ids, `/metrics` and health. */
export function metricsMiddleware(serviceName: string): Middleware {
  return defaultPharos(serviceName).middleware({ service: serviceName });
}

/** Wraps a listener of node:http's `createServer`. */
export function instrumentHttp(handler: RequestListener, serviceName?: string): RequestListener {
  return defaultPharos(serviceName).instrumentHttp(handler, { service: serviceName });
}

/** States a service's health: gauges at once, and to Pharos now and every 30 s. */
export function reportHealth(service: string, status: ServiceState): void {
  defaultPharos(service).reportHealth(service, status);
}

export function reportActiveUsers(count: number): void {
  defaultPharos().reportActiveUsers(count);
}

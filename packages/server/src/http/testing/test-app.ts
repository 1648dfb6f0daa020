import { silentLog } from '../../kernel/log.ts';
import { createTelemetry } from '../../kernel/telemetry.ts';
import { LOOPBACK_NAMES } from '../gate.ts';
import { addApi, createHttpApp, type HttpServerOptions } from '../server.ts';
import { httpTelemetry } from '../telemetry.ts';
import type { ApiModule, HttpApp } from '../types.ts';

/**
 * The HTTP server as it stands on loopback, with some APIs, for their tests. Any credentials are good and may act for the tenant
 * `blue`.
 */
export async function openTestApp(
  apis: readonly ApiModule[],
  options: Partial<HttpServerOptions> = {},
): Promise<HttpApp> {
  const app = await createHttpApp({
    policy: { allowedHosts: new Set(LOOPBACK_NAMES), allowedOrigins: new Set(), loginRequired: false },
    authenticator: {
      authenticate: (header) =>
        Promise.resolve(header === undefined ? null : { user: 'admin', tenants: ['default', 'blue'] }),
    },
    metrics: httpTelemetry(createTelemetry()),
    log: silentLog,
    maxBody: 1_000_000,
    maxBodiesInFlight: 2_000_000,
    ...options,
  });
  for (const api of apis) await addApi(app, api, silentLog);
  return app;
}

/** Credentials for the tenant `blue`. */
export const BLUE = { authorization: 'Bearer any', 'x-scope-orgid': 'blue' } as const;

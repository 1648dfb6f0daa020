import { hostname } from 'node:os';
import { stringify } from 'yaml';
import type { PharosConfig } from './config.ts';
import type { Clock } from './kernel/clock.ts';
import type { Telemetry } from './kernel/telemetry.ts';
import type { StatusFacts } from './metrics/index.ts';
import type { ConfigReloader } from './reload.ts';
import { VERSION } from './version.ts';

/** The Prometheus whose HTTP API this is, for clients that look (compat PQ-9). */
const EMULATED_PROMETHEUS = '3.5.0';

/** What `/api/v1/status/*` tells of this process, secrets masked. */
export function factsOf(
  { clock, telemetry }: { readonly clock: Clock; readonly telemetry: Telemetry },
  config: PharosConfig,
  reloader: ConfigReloader,
): StatusFacts {
  const startedAt = clock.now();
  return {
    version: EMULATED_PROMETHEUS,
    revision: `pharos-${VERSION}`,
    buildDate: '',
    runtime: `node ${process.version}`,
    startedAt,
    workingDirectory: process.cwd(),
    configYaml: () => stringify(reloader.written, maskSecrets),
    configState: () => reloader.state,
    selfMetrics: () => telemetry.families(),
    features: () => ({
      api: {
        admin: config.web.enable_admin_api,
        lifecycle: config.web.enable_lifecycle,
        remote_write_receiver: true,
        otlp_write_receiver: true,
      },
    }),
    flags: { 'storage.path': config.storage.path },
    retention: `${config.storage.retention.metrics / 86_400_000}d`,
    hostname,
    now: () => clock.now(),
  };
}

const SECRET_KEYS = new Set([
  'password',
  'credentials',
  'bearer_token',
  'secrets',
  'client_secret',
  'key',
  'admin_password',
  'token',
]);
/** The password in an address such as `https://user:password@host`. */
const PASSWORD_IN_URL = /^([a-z][a-z0-9+.-]*:\/\/[^/@:]*:)[^/@]*(@)/i;

function maskSecrets(key: unknown, value: unknown): unknown {
  if (typeof key === 'string' && SECRET_KEYS.has(key) && value !== undefined) return '<secret>';
  return typeof value === 'string' ? value.replace(PASSWORD_IN_URL, '$1<secret>$2') : value;
}

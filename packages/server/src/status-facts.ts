import { hostname } from 'node:os';
import { stringify } from 'yaml';
import type { PharosConfig } from './config.ts';
import type { Clock } from './kernel/clock.ts';
import { maskedConfig } from './kernel/config/mask.ts';
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
    configYaml: () => stringify(maskedConfig(reloader.written)),
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

import { type Egress, egressRequest } from './egress/index.ts';
import type { HealthHistory, HealthMonitor } from './health/index.ts';
import { DEFAULT_TENANT } from './http/admit.ts';
import type { ApiModule } from './http/types.ts';
import type { ServiceNames } from './kernel/names.ts';
import type { PromReader } from './overview/index.ts';
import type { ProbeService } from './probes/index.ts';
import {
  manageStatusApi,
  publicStatusApi,
  StatusPageService,
  StatusPageStore,
  type StatusSources,
  Subscriptions,
  statusPageTelemetry,
  webhookChannel,
} from './status-page/index.ts';
import type { Base, Storage } from './wire-storage.ts';

interface StatusPageParts {
  readonly storage: Pick<Storage, 'state'>;
  readonly names: ServiceNames;
  readonly egress: Egress;
  readonly reader: PromReader;
  readonly monitor: HealthMonitor;
  readonly history: HealthHistory;
  readonly probes: ProbeService;
  /** Where Pharos is found from outside. */
  readonly publicUrl: () => string;
}

interface StatusPageWiring {
  readonly service: StatusPageService;
  readonly apis: readonly ApiModule[];
}

const WEBHOOK_MS = 10_000;
/** Of a webhook's answer nothing but the status is looked at. */
const MOST_ANSWER_BYTES = 1024;

export function wireStatusPage(base: Base, parts: StatusPageParts): StatusPageWiring {
  const { clock, log, telemetry } = base;
  const pageUrl = (): string => `${parts.publicUrl().replace(/\/$/, '')}/status`;
  const store = new StatusPageStore(parts.storage.state, DEFAULT_TENANT);
  const subscriptions = new Subscriptions({
    clock,
    log,
    telemetry: statusPageTelemetry(telemetry),
    store,
    pageUrl,
    channels: {
      webhook: webhookChannel(async (request) => {
        const { status } = await egressRequest(parts.egress, {
          ...request,
          method: 'POST',
          trust: 'stranger',
          purpose: 'notification',
          timeoutMs: WEBHOOK_MS,
          maxBytes: MOST_ANSWER_BYTES,
        });
        return status;
      }),
    },
  });
  const service = new StatusPageService({ clock, log, store, subscriptions, sources: sourcesOf(parts) });
  return {
    service,
    apis: [
      publicStatusApi({ service, subscriptions, pageUrl }),
      manageStatusApi({ clock, store, service, pageUrl }),
    ],
  };
}

function sourcesOf({ names, reader, monitor, history, probes }: StatusPageParts): StatusSources {
  return {
    probe: (id) => {
      const found = probes.health(DEFAULT_TENANT, id);
      if (found === undefined) return null;
      const { name, status, paused, maintenance } = found;
      return { name, status: paused ? 'unknown' : status, maintenance };
    },
    service: (name) => {
      const wanted = names.canonical(name);
      const found = monitor.list(DEFAULT_TENANT).find((one) => one.name === wanted);
      return found === undefined ? null : { status: found.status, maintenance: false };
    },
    serviceStretches: (name, from, to) => history.segments(DEFAULT_TENANT, names.canonical(name), from, to),
    range: async (query, grid) => (await reader.range(DEFAULT_TENANT, query, grid))[0]?.values ?? null,
  };
}

import type { PharosConfig } from './config.ts';
import type { Egress } from './egress/index.ts';
import { DEFAULT_TENANT } from './http/admit.ts';
import type { ApiModule } from './http/types.ts';
import type { ServiceNames } from './kernel/names.ts';
import type { MetricsStore } from './metrics/index.ts';
import {
  KnownModules,
  moduleProblems,
  ProbeService,
  ProbeStore,
  probeEndpoint,
  probeProblems,
  probesApi,
  type SeriesStore,
  systemPing,
} from './probes/index.ts';
import { createPromReader } from './prom-reader.ts';
import type { Reloadable } from './reload.ts';
import type { Base, Storage } from './wire-storage.ts';

interface ProbeParts {
  readonly config: PharosConfig;
  readonly storage: Pick<Storage, 'state'>;
  readonly names: ServiceNames;
  readonly egress: Egress;
  readonly metrics: {
    readonly samples: Pick<MetricsStore, 'sink'>;
    readonly queryable: Parameters<typeof createPromReader>[0];
  };
}

export interface Probes extends Reloadable {
  readonly service: ProbeService;
  readonly apis: readonly ApiModule[];
}

export function wireProbes(base: Base, { config, storage, names, egress, metrics }: ProbeParts): Probes {
  const { clock } = base;
  const ping = systemPing();
  const service = new ProbeService({
    ...base,
    names,
    egress,
    ping,
    store: new ProbeStore(storage.state),
    series: seriesStore(metrics.samples),
    configured: config.probes,
    tenant: DEFAULT_TENANT,
  });
  const history = createPromReader(metrics.queryable, clock);
  const modules = new KnownModules(config.modules);
  return {
    name: 'probes',
    problems: (changed) => [...moduleProblems(changed.modules), ...probeProblems(changed.probes.checks)],
    applyConfig(changed) {
      modules.configure(changed.modules);
      void service.configure(changed.probes);
    },
    service,
    apis: [probesApi({ service, history, now: () => clock.now() }), probeEndpoint({ egress, ping, modules })],
  };
}

function seriesStore({ sink }: Pick<MetricsStore, 'sink'>): SeriesStore {
  return { appender: (tenant) => sink.appender({ tenant }) };
}

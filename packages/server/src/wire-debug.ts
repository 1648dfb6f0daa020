import { type PharosConfig, SECTIONS } from './config.ts';
import { type ConfigFacts, debugApi } from './debug/index.ts';
import type { ApiModule } from './http/types.ts';
import type { LogRing } from './kernel/log-ring.ts';
import type { ServiceNames } from './kernel/names.ts';
import type { ConfigReloader } from './reload.ts';
import type { Metrics } from './wire-metrics.ts';
import type { Base, Storage } from './wire-storage.ts';

interface DebugParts {
  readonly config: PharosConfig;
  readonly storage: Pick<Storage, 'engine'>;
  readonly metrics: Pick<Metrics, 'targets'>;
  readonly names: ServiceNames;
  readonly reloader: ConfigReloader;
  readonly newestLines: LogRing;
}

/** The doors to Pharos' own inside. */
export function wireDebug({ clock, telemetry }: Base, parts: DebugParts): ApiModule {
  const { config, storage, metrics, names, reloader, newestLines } = parts;
  const limits = queueLimits(config);
  return debugApi({
    clock,
    names,
    // Without a login whoever reaches Pharos is its administrator.
    isAdmin: (user) => user === '' || user === 'admin',
    config: () => configFacts(reloader),
    queues: () => telemetry.queues.states(limits),
    targets: metrics.targets,
    engine: storage.engine,
    log: newestLines,
  });
}

function configFacts({ config, written, origins, state }: ConfigReloader): ConfigFacts {
  const sections = Object.entries(SECTIONS).map(([name, { key }]): [string, unknown] => [
    key,
    Reflect.get(config, name),
  ]);
  return {
    config: Object.fromEntries(sections),
    written,
    origins,
    appliedAt: state.appliedAt,
    lastReloadSucceeded: state.success,
  };
}

/** How much a queue may hold, in its unit, where it is configured. */
function queueLimits({
  storage,
  logs,
  traces,
  errors,
  events,
}: PharosConfig): Readonly<Record<string, number>> {
  return {
    journal: storage.journal_limit,
    logs: logs.pending_memory,
    traces: traces.pending_memory,
    errors: errors.pending_memory,
    events: events.pending_memory,
    syslog: logs.syslog.queue,
  };
}

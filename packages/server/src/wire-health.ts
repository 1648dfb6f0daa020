import type { PharosConfig } from './config.ts';
import {
  type Calls,
  CallsWatch,
  callsByBreakers,
  type HealthFetcher,
  HealthHistory,
  HealthMonitor,
  HealthPoller,
  healthTelemetry,
  type KnownBreaker,
  mergeSignals,
  publishStates,
  type ServiceTransition,
  TrafficWatch,
} from './health/index.ts';
import { DEFAULT_TENANT } from './http/admit.ts';
import type { ServiceNames } from './kernel/names.ts';
import { systemRandom } from './kernel/random.ts';
import type { Service } from './kernel/services.ts';
import type { PromReader } from './overview/index.ts';
import { type Witnesses, wireSignalFeeds } from './wire-health-signals.ts';
import type { Metrics } from './wire-metrics.ts';
import type { Base, Storage } from './wire-storage.ts';

export interface Health {
  readonly monitor: HealthMonitor;
  readonly history: HealthHistory;
  /** Who called whom lately, from memory. */
  readonly calls: (tenant: string) => Calls;
  /** Whether that was looked up since the start. */
  readonly areCallsKnown: () => boolean;
  readonly services: readonly Service[];
}

interface Inputs {
  readonly metrics: Metrics;
  readonly names: ServiceNames;
  readonly reader: PromReader;
  readonly fetch: HealthFetcher;
  /** Who called whom in the last minutes. */
  readonly calls: (tenant: string) => Promise<Calls>;
  /** Every breaker of a running process: who calls whom. */
  readonly breakers: (tenant: string) => Promise<readonly KnownBreaker[]>;
  readonly witnesses: Witnesses;
}

/** The place of breakers among the sources of calls. */
const BREAKERS = 0;

/** The one health answer: every source of every slice, the history, and who suffers from whom. */
export function wireHealth(base: Base, config: PharosConfig, storage: Storage, inputs: Inputs): Health {
  const { clock, log } = base;
  const { names, metrics } = inputs;
  const telemetry = healthTelemetry(base.telemetry);
  const history = new HealthHistory({ engine: storage.engine, journal: storage.journal, clock, log });
  const { objectives } = config.health;
  const tenants = (): readonly string[] => monitor.tenants();
  const traffic = new TrafficWatch({
    clock,
    log,
    names,
    telemetry,
    tenants,
    reader: { instant: inputs.reader.instant, mayHold: metrics.mayHold },
    window: objectives.window,
    objectives: (service) => objectivesOf(objectives, service),
    countsItsCalls: (tenant, service) => calls.isWhole(tenant, service, BREAKERS),
  });
  const calls = new CallsWatch({
    clock,
    log,
    tenants,
    sources: [async (tenant) => callsByBreakers(await inputs.breakers(tenant), names), inputs.calls],
  });
  const feeds = wireSignalFeeds(base, inputs.witnesses, {
    names,
    telemetry,
    tenants,
    isKnown: (tenant, service) => monitor.knows(tenant, service),
  });
  const sources = [...feeds.sources, (tenant: string) => traffic.signals(tenant)];
  const monitor = new HealthMonitor({
    clock,
    names,
    poller: pollerOf(config, { clock, telemetry, fetch: inputs.fetch }),
    targets: () => metrics.scrapedServices(config.health.poll_scrape_targets),
    extraPolls: config.health.polls.map(({ service, url }) => ({
      service: names.canonical(service),
      instance: new URL(url).host,
      url,
    })),
    targetTenant: DEFAULT_TENANT,
    signals: (tenant) => mergeSignals(sources.map((source) => source(tenant))),
    calls: (tenant) => calls.of(tenant),
    onTransition: (transition) => note(transition, history, base),
  });
  publishStates(base.telemetry, () => monitor.list(DEFAULT_TENANT));
  metrics.onHealthReport((tenant, service, status) => monitor.report(tenant, service, status));
  return {
    monitor,
    history,
    calls: (tenant) => calls.of(tenant),
    areCallsKnown: () => calls.hasLooked,
    services: [
      {
        name: 'health-history',
        dependsOn: ['engine', 'journal'],
        start: () => restoreHealth(history, monitor, base),
        stop: () => history.stop(),
      },
      {
        name: 'health',
        dependsOn: ['metrics-store', 'health-history'],
        start: () => {
          monitor.start();
          if (objectives.enabled) traffic.start();
          feeds.start();
          calls.start();
        },
        stop: () => {
          calls.stop();
          feeds.stop();
          traffic.stop();
          monitor.stop();
        },
      },
    ],
  };
}

/** A new explanation of the same state is history, and no news. */
function note(transition: ServiceTransition, history: HealthHistory, { log }: Base): void {
  const { service, from, to, reason } = transition;
  if (from !== to) log.info({ service, from, to, reason }, 'a service changed state');
  void history.record(transition);
}

function pollerOf(
  { health }: PharosConfig,
  deps: Pick<ConstructorParameters<typeof HealthPoller>[0], 'clock' | 'telemetry' | 'fetch'>,
): HealthPoller {
  return new HealthPoller({
    ...deps,
    random: systemRandom,
    intervalMs: health.poll_interval,
    timeoutMs: health.poll_timeout,
  });
}

/** One service's limits; where it has none of its own, the general ones. */
function objectivesOf({ services, ...general }: PharosConfig['health']['objectives'], service: string) {
  const own = services[service];
  return {
    ...general,
    error_ratio: own?.error_ratio ?? general.error_ratio,
    unhealthy_error_ratio: own?.unhealthy_error_ratio ?? general.unhealthy_error_ratio,
    latency_p95: own?.latency_p95 ?? general.latency_p95,
    cpu_percent: own?.cpu_percent ?? general.cpu_percent,
    event_loop_lag: own?.event_loop_lag ?? general.event_loop_lag,
  };
}

/** Services keep their state and its age over a restart; when neither engine nor journal can tell, they start unknown. */
async function restoreHealth(history: HealthHistory, monitor: HealthMonitor, base: Base): Promise<void> {
  try {
    const latest = new Map((await history.load(DEFAULT_TENANT)).map((t) => [t.service, t]));
    for (const { service, to, at } of latest.values()) {
      // A service nobody knew anything of before the restart is no news after it.
      if (to !== 'unknown') monitor.restore(DEFAULT_TENANT, service, { status: to, since: at });
    }
  } catch (error) {
    base.log.warn({ err: error }, 'the health history could not be read; services start unknown');
  }
}

import { createAuthenticator, secureFloor } from './access/index.ts';
import { alertCounts, alertPagesApi } from './alerts/index.ts';
import { AnnotationStore, annotationsApi } from './annotations/index.ts';
import type { Breakers } from './breakers/index.ts';
import type { PharosConfig } from './config.ts';
import { builtInDashboards, DashboardStore, dashboardsApi, randomUid } from './dashboards/index.ts';
import { controllerApi } from './demo/index.ts';
import type { Egress } from './egress/index.ts';
import { type Dependency, healthApi, incidentsApi, monitoringApi } from './health/index.ts';
import { createHealthFetcher } from './health-fetcher.ts';
import { DEFAULT_TENANT } from './http/admit.ts';
import { EventHub } from './http/sse.ts';
import { type HttpTelemetry, httpTelemetry } from './http/telemetry.ts';
import type { ApiModule } from './http/types.ts';
import { systemClock } from './kernel/clock.ts';
import type { ConfigResult } from './kernel/config/load.ts';
import { LogRing } from './kernel/log-ring.ts';
import { createServiceNames } from './kernel/names.ts';
import { Notifications } from './kernel/notifications.ts';
import { processTelemetry, thisProcess } from './kernel/process-telemetry.ts';
import { ServiceRegistry, type StopReport } from './kernel/services.ts';
import { createTelemetry } from './kernel/telemetry.ts';
import { opsApi, Retention } from './ops/index.ts';
import { LiveStream, type OverviewSources, overviewApi, type PromReader } from './overview/index.ts';
import { createPromReader } from './prom-reader.ts';
import { ConfigReloader, type Reloadable } from './reload.ts';
import type { Deployment } from './traces/index.ts';
import { VERSION } from './version.ts';
import { wireAlertmanager } from './wire-alertmanager.ts';
import { wireAlerts } from './wire-alerts.ts';
import { type Analysis, wireAnalysis } from './wire-analysis.ts';
import { wireBreakers } from './wire-breakers.ts';
import { wireDebug } from './wire-debug.ts';
import { wireEgress } from './wire-egress.ts';
import { type Errors, wireErrors } from './wire-errors.ts';
import { wireEvents } from './wire-events.ts';
import { type Health, wireHealth } from './wire-health.ts';
import { HttpFront, passwordVault } from './wire-http.ts';
import { wireIncidents } from './wire-incidents.ts';
import { ownLog } from './wire-log.ts';
import { type Logs, wireLogs } from './wire-logs.ts';
import { type Metrics, wireMetrics } from './wire-metrics.ts';
import { wireProbes } from './wire-probes.ts';
import { serviceMapOf } from './wire-service-map.ts';
import { wireSlos } from './wire-slos.ts';
import { spanSeriesWriter } from './wire-span-metrics.ts';
import { wireStatusPage } from './wire-status-page.ts';
import { type Base, type Storage, TABLES, wireStorage } from './wire-storage.ts';
import { type Traces, wireTraces } from './wire-traces.ts';

export interface Pharos {
  /** Where the dashboard and every API answer. */
  readonly url: string;
  /** For the operator, to be shown once. */
  readonly notices: readonly string[];
  /** Reads the configuration again; rejects when it is refused. */
  reload(): Promise<void>;
  stop(deadlineMs: number): Promise<StopReport>;
}

/** A configuration and what it was made of. */
export type LoadedConfig = Pick<
  Extract<ConfigResult<PharosConfig>, { readonly ok: true }>,
  'config' | 'written' | 'origins'
>;

/** What the process around the server can do for it. */
export interface ProcessControl {
  /** Begins the graceful stop, as a signal would. */
  readonly quit?: () => void;
  /** Reads the configuration again; absent where it cannot change. */
  readonly readConfig?: (() => Promise<ConfigResult<PharosConfig>>) | undefined;
}

/**
 * Builds and starts the whole server. The only place that constructs and connects things.
 *
 *   data directory ─> alerts ─> http-listener ─> engine ─> metrics store ─> flusher ─> health ─> http ─> scraping
 */
export async function startPharos(
  loaded: LoadedConfig,
  signal: AbortSignal,
  control: ProcessControl = {},
): Promise<Pharos> {
  const { config } = loaded;
  const clock = systemClock;
  const newestLines = new LogRing();
  const base: Base = { clock, log: ownLog(config, newestLines), telemetry: createTelemetry() };
  processTelemetry(base.telemetry, thisProcess);
  const notifications = new Notifications(() => clock.now());
  const registry = new ServiceRegistry(clock);
  const storage = await wireStorage(base, config);
  try {
    const floor = await secureFloor(config.web, passwordVault(storage.state));
    const parts: Reloadable[] = [];
    const reloader = new ConfigReloader(
      {
        ...base,
        notifications,
        parts,
        read: control.readConfig ?? (() => Promise.resolve({ ok: true, ...loaded })),
      },
      loaded,
    );
    const metrics = await wireMetrics(base, config, storage, {
      reloader,
      notifications,
      quit: control.quit ?? (() => {}),
    });
    parts.push(metrics);
    const names = createServiceNames(new Map(Object.entries(config.names)));
    const errors = wireErrors(base, config, storage, names);
    const logs = await wireLogs(base, config, storage, names, errors.onLines);
    const annotations = new AnnotationStore(storage.state);
    const traces = await wireTraces(base, config, storage, names, {
      writer: spanSeriesWriter(metrics.samples),
      onExceptions: errors.onExceptions,
      onDeployment: (tenant, deployment) => void markDeployment(base, annotations, tenant, deployment),
    });
    const http = httpTelemetry(base.telemetry);
    const authenticator = createAuthenticator(floor.credentials, clock);
    const front = new HttpFront(base, config.web, { policy: floor.policy, authenticator }, http);
    const egress = wireEgress(base, config, () => [front.port, ...Object.values(config.web.extra_ports)]);
    const slices = wireSlices({
      base,
      config,
      storage,
      metrics,
      logs,
      traces,
      errors,
      annotations,
      names,
      registry,
      http,
      egress,
      publicUrl: () => front.url,
    });
    parts.push(slices.probes, ...slices.alerting);
    const debug = wireDebug(base, { config, storage, metrics, names, reloader, newestLines });
    front.setApis([...slices.apis, debug], [metrics.otlp, logs.otlp, traces.otlp]);
    registry.add(front.listener);
    for (const service of [...storage.services, ...metrics.services(front), ...slices.services, front])
      registry.add(service);
    await registry.start(signal);
    return {
      url: front.url,
      notices: floor.notices,
      reload: () => reloader.reload(),
      stop: (deadlineMs) => registry.stop(deadlineMs),
    };
  } catch (error) {
    await storage.abandon();
    throw error;
  }
}

/** Changes of breakers that an analysis looks at: the newest. */
const MOST_BREAKER_CHANGES = 2000;

interface Parts {
  readonly base: Base;
  readonly config: PharosConfig;
  readonly storage: Storage;
  readonly metrics: Metrics;
  readonly logs: Logs;
  readonly traces: Traces;
  readonly errors: Errors;
  readonly annotations: AnnotationStore;
  readonly names: ReturnType<typeof createServiceNames>;
  readonly registry: ServiceRegistry;
  readonly http: HttpTelemetry;
  readonly egress: Egress;
  readonly publicUrl: () => string;
}

interface Slices {
  readonly apis: readonly ApiModule[];
  readonly services: Parameters<ServiceRegistry['add']>[0][];
  readonly probes: Reloadable;
  readonly alerting: readonly Reloadable[];
}

function wireSlices(parts: Parts): Slices {
  const { base, config, storage, metrics, logs, traces, errors, names, http, egress } = parts;
  const { annotations } = parts;
  const { clock, log } = base;
  const dependencies = (): readonly Dependency[] => dependenciesOf(storage);
  const reader = createPromReader((tenant) => metrics.queryable(tenant), clock);
  const hub = () => eventHub(clock, http);
  const breakers = wireBreakers(base, storage, names, reader);
  const events = wireEvents(base, config, storage, { hub, egress });
  const probes = wireProbes(base, parts);
  const health = wireHealth(base, config, storage, {
    metrics,
    names,
    reader,
    fetch: createHealthFetcher(egress),
    calls: (tenant) => traces.callsOf(tenant),
    breakers: (tenant) => breakers.breakers.running(tenant),
    witnesses: { breakers: breakers.breakers, probes: probes.service, events, errors },
  });
  const { monitor, history } = health;
  const witnesses: Witnesses = { health, breakers: breakers.breakers, reader };
  const sources = overviewSourcesOf(parts, witnesses);
  const analysis = analysisOf(parts, sources, witnesses);
  const alerting = alertingOf(parts, witnesses, analysis.causeOf);
  const alerts = (tenant: string) => (tenant === DEFAULT_TENANT ? alerting.counts() : null);
  const live = new LiveStream({ clock, log, hub, sources, monitor, history, dependencies, alerts });
  annotations.onChange((tenant, annotation) => live.annotated(tenant, annotation));
  errors.onSignal((tenant, signal) => live.errorGroup(tenant, signal));
  breakers.breakers.onChange((tenant) => live.breakersChanged(tenant));
  const dashboards = dashboardsOf(parts);
  const statusPage = wireStatusPage(base, { ...parts, reader, monitor, history, probes: probes.service });
  const startedAt = clock.now();
  return {
    probes,
    alerting: alerting.reloadables,
    apis: [
      ...metrics.apis,
      ...logs.apis,
      ...traces.apis,
      ...breakers.apis,
      ...errors.apis,
      ...events.apis,
      healthApi({ clock, names, monitor, history, dependencies }),
      ...probes.apis,
      ...alerting.apis,
      ...statusPage.apis,
      incidentsApi({ clock, names, history, monitor }),
      monitoringApi({ ...sources, monitor, dependencies, version: VERSION, startedAt }),
      overviewApi(sources),
      analysis.api,
      live.api(),
      annotationsApi({ store: annotations, clock, names }),
      dashboardsApi({ store: dashboards, newUid: randomUid }),
      controllerApi(config.shop.controller_url),
      opsOf(parts, { startedAt, dependencies }),
    ],
    services: [
      ...logs.services,
      ...traces.services,
      ...breakers.services,
      ...errors.services,
      ...health.services,
      ...events.services,
      probes.service,
      ...alerting.services,
      statusPage.service,
      { name: 'live', dependsOn: ['health'], start: () => live.start(), stop: () => live.stop() },
      retentionOf(parts),
    ],
  };
}

/** Who saw what became of services. */
interface Witnesses {
  readonly health: Health;
  readonly breakers: Breakers;
  readonly reader: PromReader;
}

function overviewSourcesOf(
  { base, names, annotations, traces }: Parts,
  { health: { monitor, history }, breakers, reader }: Witnesses,
): OverviewSources {
  return {
    clock: base.clock,
    names,
    reader,
    services: (tenant) => monitor.list(tenant),
    transitions: (tenant, since) => history.transitions(tenant, since),
    annotations: (tenant, from, to) => annotations.list(tenant, from, to),
    breakers: (tenant) => breakers.running(tenant),
    traced: (tenant) => traces.servicesOf(tenant),
    versions: (tenant) => traces.versionsOf(tenant),
  };
}

/** Rules, objectives, where alerts of theirs and of others go, and the incidents that they make. */
function alertingOf(
  parts: Parts,
  { health, breakers, reader }: Witnesses,
  causeOf: Analysis['causeOf'],
): Pick<Slices, 'apis' | 'services'> & {
  readonly reloadables: readonly Reloadable[];
  /** How many alerts of each state there are, for the live stream. */
  readonly counts: () => object;
} {
  const wired = wireAlertmanager(parts.base, { ...parts, serviceMap: serviceMapOf(parts.names, health) });
  const { alertmanager } = wired;
  const alerts = wireAlerts(parts.base, { ...parts, known: () => alertmanager.known() });
  alerts.onAlerts((fired) => wired.hear(fired));
  const { rules } = alerts;
  const shown = { alertmanager, rules, clock: parts.base.clock };
  const incidents = wireIncidents(parts.base, {
    ...parts,
    alertmanager,
    rules,
    health,
    breakers,
    calls: health.calls,
    causeOf,
  });
  const slos = wireSlos(parts.base, { ...parts, reader });
  return {
    reloadables: [alerts, wired, incidents, slos],
    apis: [...wired.apis, alertPagesApi(shown), ...alerts.apis(alertmanager), incidents.api, slos.api],
    services: [...wired.services, ...alerts.services, incidents.service],
    counts: () => alertCounts(shown),
  };
}

/** Draws a deployment that spans show on every chart. */
async function markDeployment(
  { log }: Base,
  annotations: AnnotationStore,
  tenant: string,
  { service, version, previous, at }: Deployment,
): Promise<void> {
  try {
    await annotations.put(tenant, {
      id: `deployment:${service}:${version}:${at}`,
      time: at,
      kind: 'deployment',
      service,
      title: `${service} ${version}`,
      text: `First seen in its spans; ${previous} before.`,
      tags: ['version'],
    });
  } catch (error) {
    log.warn({ err: error, service, version }, 'a deployment could not be written down');
  }
}

function opsOf(
  { base, registry, metrics }: Parts,
  facts: Pick<Parameters<typeof opsApi>[0], 'startedAt' | 'dependencies'>,
): ApiModule {
  return opsApi({
    ...facts,
    clock: base.clock,
    version: VERSION,
    services: () => registry.states(),
    metrics: (reported) => metrics.expose(reported),
  });
}

function analysisOf(
  { config, egress, metrics, errors }: Parts,
  sources: OverviewSources,
  { health: { history }, breakers }: Witnesses,
): Analysis {
  return wireAnalysis(config, egress, {
    ...sources,
    mayHold: metrics.mayHold,
    told: (tenant, since) => history.reaching(tenant, since),
    errors: errors.findings,
    breakerChanges: (tenant, since) =>
      breakers.history.transitions(tenant, { since, limit: MOST_BREAKER_CHANGES }),
  });
}

function eventHub(clock: Base['clock'], http: HttpTelemetry): EventHub {
  return new EventHub(clock, {
    opened: () => http.streams.inc(),
    closed: () => http.streams.dec(),
    dropped: () => http.streamDropped.inc(),
  });
}

function dashboardsOf({ base, config, storage }: Parts): DashboardStore {
  return new DashboardStore({
    state: storage.state,
    clock: base.clock,
    versionsKept: config.dashboards.versions_kept,
    builtIn: builtInDashboards(),
  });
}

function retentionOf({ base, config, storage, metrics }: Parts): Retention {
  return new Retention({
    ...base,
    engine: storage.engine,
    tables: TABLES,
    keep: config.storage.retention,
    budgets: config.storage.retention_bytes,
    guard: metrics.retentionGuard,
  });
}

function dependenciesOf({ engine, journal }: Storage): Dependency[] {
  const { bytes, limit, closed } = journal.pressure();
  const full = bytes / limit;
  const engineState = engine.state();
  return [
    {
      name: 'engine',
      status: engineState === 'ready' ? 'healthy' : 'degraded',
      message: engineState === 'ready' ? '' : `the engine is ${engineState}; recent data answers from memory`,
    },
    {
      name: 'journal',
      status: full >= 1 || closed !== null ? 'unhealthy' : full > 0.5 ? 'degraded' : 'healthy',
      message:
        closed ??
        (full > 0.5 ? `${Math.round(full * 100)} % of the journal's limit waits for the engine` : ''),
    },
  ];
}

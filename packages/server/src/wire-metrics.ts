import type { Queryable, WindowThread } from '@pharos/promql';
import type { PharosConfig } from './config.ts';
import type { ScrapedTarget } from './health/index.ts';
import { DEFAULT_TENANT } from './http/admit.ts';
import { otlpApi } from './http/otlp/api.ts';
import type { OtlpSignal } from './http/otlp/signal.ts';
import type { ApiModule } from './http/types.ts';
import type { Notifications } from './kernel/notifications.ts';
import { systemRandom } from './kernel/random.ts';
import type { Service } from './kernel/services.ts';
import {
  CardinalityReader,
  cardinalityApi,
  createHostReader,
  createMetricsStore,
  downsampleService,
  ForwardService,
  HostMetricsService,
  type MetricsStore,
  metricsQueryEngine,
  OtlpMetricsService,
  PushService,
  prometheusApis,
  pushApi,
  RemoteWindows,
  RemoteWriteService,
  ReportsService,
  type RulesRetriever,
  remoteWriteApi,
  reportsApi,
  retentionGuard,
  type ScrapeManager,
  startWindowThread,
  type TargetRetriever,
} from './metrics/index.ts';
import type { RetentionGuard } from './ops/index.ts';
import type { ConfigReloader, Reloadable } from './reload.ts';
import { ScrapedServices } from './scraped-services.ts';
import type { SelfTarget } from './self-scrape.ts';
import { factsOf } from './status-facts.ts';
import type { HttpFront } from './wire-http.ts';
import { breathe, outside, Scraper, SELF_JOB, wireScraping } from './wire-scrape.ts';
import type { Base, Storage } from './wire-storage.ts';

export interface Metrics extends Reloadable {
  readonly apis: readonly ApiModule[];
  /** Methods of the gRPC listener. */
  readonly otlp: OtlpSignal;
  services(front: HttpFront): readonly Service[];
  queryable(tenant: string): Queryable;
  /** Whether a metric may have samples after a time (ms); false is certain. */
  mayHold(tenant: string, metric: string, since: number): boolean;
  /** For what other slices measure. */
  readonly samples: Pick<MetricsStore, 'sink' | 'metadata'>;
  onHealthReport(
    listener: (
      tenant: string,
      service: string,
      status: 'healthy' | 'degraded' | 'unhealthy' | 'down',
    ) => void,
  ): void;
  /** What scraping knows of every target that is a service; Pharos itself is none. */
  scrapedServices(poll: boolean): readonly ScrapedTarget[];
  readonly targets: TargetRetriever;
  /** Has the Prometheus API tell of rules; until then there are none. */
  tellRules(rules: RulesRetriever): void;
  /** Where queries have long work done; those of rules too. */
  readonly windowThread: WindowThread;
  /** What retention asks before it drops samples; undefined where nothing is downsampled. */
  readonly retentionGuard: RetentionGuard | undefined;
  expose(includeReported: boolean): Promise<Exposed>;
}

interface Exposed {
  readonly contentType: string;
  readonly text: string;
}

/** How the process is run, as far as the API tells of it and acts on it. */
export interface Running {
  readonly reloader: ConfigReloader;
  readonly notifications: Notifications;
  readonly quit: () => void;
}

export async function wireMetrics(
  base: Base,
  config: PharosConfig,
  storage: Storage,
  running: Running,
): Promise<Metrics> {
  const { clock, telemetry } = base;
  const store = await createMetricsStore({
    ...base,
    engine: storage.engine,
    journal: storage.journal,
    state: storage.state,
    config: config.metrics,
  });
  const exposeOwn = async () => ({ contentType: telemetry.contentType, text: await telemetry.expose() });
  const self: SelfTarget = { url: '', metrics: exposeOwn };
  const scraping = wireScraping(base, config, store, self);
  const scraper = new Scraper(scraping, self, config);
  const services = new ScrapedServices(scraping);
  const doors = { ...base, sink: store.sink, metadata: store.metadata };
  const push = new PushService({ ...doors, breathe }, ['metrics-store', 'flusher']);
  const reports = new ReportsService(doors, ['metrics-store', 'flusher']);
  const remoteWrite = wireRemoteWrite(doors, config);
  const otlp = wireOtlp(doors, config);
  const host = new HostMetricsService(
    { ...doors, random: systemRandom, tenant: DEFAULT_TENANT, reader: createHostReader(clock) },
    ['metrics-store', 'flusher'],
  );
  const forward = wireForward(base, config, storage, store);
  const downsampled = wireDownsampling(base, storage, store);
  let ready = false;
  let external = config.global.external_labels;
  let rules: RulesRetriever = { groups: () => [], alertmanagers: () => [] };
  const windowThread = new RemoteWindows({ ...base, start: () => startWindowThread() });
  const prometheus = wireApi(
    { base, config, running, store, scraping, windowThread, rules: () => rules },
    () => ready,
    () => external,
  );
  return {
    name: 'metrics',
    applyConfig: (changed) => {
      external = changed.global.external_labels;
      forward.applyConfig({ remotes: changed.remotes, external });
      scraper.apply(changed);
    },
    apis: [
      ...prometheus,
      wireCardinality(base, config, storage, store),
      pushApi(push),
      remoteWriteApi(remoteWrite, config.web.enable_admin_api),
      otlpApi(otlp),
      reportsApi(reports),
    ],
    otlp,
    samples: store,
    queryable: (tenant) => store.queryable(tenant),
    mayHold: (tenant, metric, since) => store.active(tenant).mayHold(metric, since),
    onHealthReport: (listener) =>
      void reports.onHealthReport((report) => listener(report.tenant, report.service, report.status)),
    targets: scraping,
    windowThread,
    tellRules: (told) => void (rules = told),
    scrapedServices: (poll) => services.list(SELF_JOB, poll),
    expose: (includeReported) => exposeAll(exposeOwn, includeReported ? reports : null),
    retentionGuard: downsampled.guard,
    services: (front) => [
      store.service,
      ...downsampled.services,
      windowThread,
      push,
      remoteWrite,
      forward,
      reports,
      ...(config.host.enabled ? [host] : []),
      scraper.service(front, () => (ready = true)),
    ],
  };
}

/** Our own metrics, and those that services report. */
async function exposeAll(own: () => Promise<Exposed>, reports: ReportsService | null): Promise<Exposed> {
  const exposed = await own();
  return reports === null ? exposed : { ...exposed, text: `${exposed.text}${reports.text(DEFAULT_TENANT)}` };
}

function wireDownsampling(
  base: Base,
  { engine, journal }: Storage,
  { downsampling }: MetricsStore,
): { readonly services: readonly Service[]; readonly guard: RetentionGuard | undefined } {
  if (downsampling === null) return { services: [], guard: undefined };
  return {
    services: [downsampleService({ ...base, ...downsampling, engine, journal })],
    guard: retentionGuard(downsampling),
  };
}

function wireForward(
  base: Base,
  config: PharosConfig,
  storage: Storage,
  store: MetricsStore,
): ForwardService {
  return new ForwardService(
    { remotes: config.remotes, external: config.global.external_labels },
    {
      ...base,
      ...outside(),
      random: systemRandom,
      journal: storage.journal,
      state: storage.state,
      store,
      tenant: DEFAULT_TENANT,
    },
    // Before the flusher, so that what an earlier process still had to send is not let go of.
    ['metrics-store'],
  );
}

interface ApiParts {
  readonly base: Base;
  readonly config: PharosConfig;
  readonly running: Running;
  readonly store: MetricsStore;
  readonly scraping: ScrapeManager;
  readonly windowThread: WindowThread;
  readonly rules: () => RulesRetriever;
}

function wireApi(
  { base, config, running, store, scraping, windowThread, rules }: ApiParts,
  ready: () => boolean,
  externalLabels: () => Readonly<Record<string, string>>,
): readonly ApiModule[] {
  const { clock } = base;
  return prometheusApis({
    store,
    engine: metricsQueryEngine(config.metrics, clock, windowThread),
    clock,
    config: config.metrics,
    targets: scraping,
    rules: { groups: () => rules().groups(), alertmanagers: () => rules().alertmanagers() },
    ready,
    facts: factsOf(base, config, running.reloader),
    externalLabels,
    notifications: running.notifications,
    adminEnabled: config.web.enable_admin_api,
    lifecycle: {
      enabled: config.web.enable_lifecycle,
      reload: () => running.reloader.reload(),
      quit: running.quit,
    },
  });
}

type Doors = Base & Pick<MetricsStore, 'sink' | 'metadata'>;

function wireCardinality(
  { clock }: Base,
  config: PharosConfig,
  { engine }: Storage,
  store: MetricsStore,
): ApiModule {
  return cardinalityApi(
    new CardinalityReader({ store, engine, clock, seriesLimit: config.metrics.series_limit }),
  );
}

function wireOtlp(doors: Doors, config: PharosConfig): OtlpMetricsService {
  const lookback = config.metrics.query.lookback_delta;
  return new OtlpMetricsService({ ...doors, breathe, config: config.otlp, lookback });
}

function wireRemoteWrite(doors: Doors, config: PharosConfig): RemoteWriteService {
  const {
    max_body: maxBody,
    max_in_flight: maxInFlight,
    known_memory: knownBytes,
  } = config.metrics.remote_write_receiver;
  return new RemoteWriteService(
    { ...doors, random: systemRandom, breathe, limits: { maxBody, maxInFlight, knownBytes } },
    ['metrics-store', 'flusher'],
  );
}

import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Queryable } from '@pharos/promql';
import { stringify } from 'yaml';
import type { PharosConfig } from './config.ts';
import type { HealthFetcher, ScrapedTarget } from './health/index.ts';
import { createHealthFetcher } from './health-fetcher.ts';
import { DEFAULT_TENANT } from './http/server.ts';
import type { ApiModule } from './http/types.ts';
import { systemRandom } from './kernel/random.ts';
import type { Service } from './kernel/services.ts';
import {
  createHostReader,
  createHttpFetcher,
  createMetricsStore,
  HostMetricsService,
  metricsQueryEngine,
  PushService,
  prometheusApi,
  pushApi,
  ReportsService,
  reportsApi,
  ScrapeManager,
  scrapeSection,
} from './metrics/index.ts';
import { answeringSelf, type SelfTarget } from './self-scrape.ts';
import { VERSION } from './version.ts';
import type { HttpFront } from './wire-http.ts';
import type { Base, Storage } from './wire-storage.ts';

/** The Prometheus whose HTTP API this is, for clients that look (compat PQ-9). */
const EMULATED_PROMETHEUS = '3.5.0';
const SELF_JOB = 'pharos';

export interface Metrics {
  readonly apis: readonly ApiModule[];
  services(front: HttpFront): readonly Service[];
  queryable(tenant: string): Queryable;
  onHealthReport(
    listener: (
      tenant: string,
      service: string,
      status: 'healthy' | 'degraded' | 'unhealthy' | 'down',
    ) => void,
  ): void;
  /** What scraping knows of every target that is a service; Pharos itself is none. */
  scrapedServices(poll: boolean): readonly ScrapedTarget[];
  readonly fetchHealth: HealthFetcher;
  expose(includeReported: boolean): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Lets requests and timers run in the middle of a long parse. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export async function wireMetrics(base: Base, config: PharosConfig, storage: Storage): Promise<Metrics> {
  const { clock, log, telemetry } = base;
  const store = await createMetricsStore({
    ...base,
    engine: storage.engine,
    journal: storage.journal,
    state: storage.state,
    config: config.metrics,
  });
  const exposeOwn = async () => ({ contentType: telemetry.contentType, text: await telemetry.expose() });
  const self: SelfTarget = { url: '', metrics: exposeOwn };
  const scraping = new ScrapeManager(
    { global: config.global, scrapeConfigs: [] },
    {
      clock,
      random: systemRandom,
      log,
      sink: store.sink,
      metadata: store.metadata,
      tenant: DEFAULT_TENANT,
      fetchers: (tls) => answeringSelf(createHttpFetcher(tls), self),
      readText: (path) => readFile(path, 'utf8'),
      breathe,
      telemetry,
    },
  );
  const doors = { ...base, sink: store.sink, metadata: store.metadata };
  const push = new PushService({ ...doors, breathe }, ['metrics-store', 'flusher']);
  const reports = new ReportsService(doors, ['metrics-store', 'flusher']);
  const host = new HostMetricsService(
    { ...doors, random: systemRandom, tenant: DEFAULT_TENANT, reader: createHostReader(clock) },
    ['metrics-store', 'flusher'],
  );
  let ready = false;
  const prometheus = prometheusApi({
    store,
    engine: metricsQueryEngine(config.metrics, clock),
    clock,
    config: config.metrics,
    targets: scraping,
    ready: () => ready,
    facts: factsOf(base, config),
  });
  return {
    apis: [prometheus, pushApi(push), reportsApi(reports)],
    queryable: (tenant) => store.queryable(tenant),
    onHealthReport: (listener) =>
      void reports.onHealthReport((report) => listener(report.tenant, report.service, report.status)),
    scrapedServices: (poll) => scrapedServices(scraping, poll),
    fetchHealth: createHealthFetcher(),
    expose: async (includeReported) => {
      const own = await exposeOwn();
      return includeReported ? { ...own, text: `${own.text}${reports.text(DEFAULT_TENANT)}` } : own;
    },
    services: (front) => [
      store.service,
      push,
      reports,
      ...(config.host.enabled ? [host] : []),
      {
        name: 'scrape',
        dependsOn: ['http', 'metrics-store', 'flusher'],
        start: () => {
          const target = `127.0.0.1:${front.port}`;
          self.url = `http://${target}/metrics`;
          const own = scrapeSection.schema.parse([
            { job_name: SELF_JOB, scrape_interval: '15s', static_configs: [{ targets: [target] }] },
          ]);
          scraping.applyConfig({
            global: config.global,
            scrapeConfigs: [...(config.self.enabled ? own : []), ...config.scrapes],
          });
          scraping.start();
          ready = true;
        },
        stop: () => scraping.stop(),
      },
    ],
  };
}

function factsOf({ clock }: Base, config: PharosConfig) {
  const startedAt = clock.now();
  return {
    version: EMULATED_PROMETHEUS,
    revision: `pharos-${VERSION}`,
    buildDate: '',
    runtime: `node ${process.version}`,
    startedAt,
    workingDirectory: process.cwd(),
    configYaml: () => stringify({ global: config.global, scrape_configs: config.scrapes }, maskSecrets),
    flags: { 'storage.path': config.storage.path },
    retention: `${config.storage.retention.metrics / 86_400_000}d`,
    hostname,
    now: () => clock.now(),
  };
}

const SECRET_KEYS = new Set(['password', 'credentials', 'bearer_token', 'secrets', 'client_secret', 'key']);

function maskSecrets(key: unknown, value: unknown): unknown {
  return typeof key === 'string' && SECRET_KEYS.has(key) && value !== undefined ? '<secret>' : value;
}

function scrapedServices(scraping: ScrapeManager, poll: boolean): ScrapedTarget[] {
  return scraping
    .activeTargets()
    .filter((target) => target.scrapePool !== SELF_JOB)
    .map((target) => ({
      job: target.labels.get('job'),
      instance: target.labels.get('instance'),
      label: (name) => target.labels.get(name) || undefined,
      healthUrl: poll ? new URL('/health', target.scrapeUrl).href : null,
      health: target.health,
      lastScrape: target.lastScrape ?? 0,
      lastError: target.lastError,
    }));
}

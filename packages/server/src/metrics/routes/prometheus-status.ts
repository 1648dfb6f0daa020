import type { Labels } from '@pharos/promql';
import type { FastifyReply } from 'fastify';
import type { HttpApp } from '../../http/types.ts';
import type { MetricsStore } from '../store/store.ts';
import { badParameter } from './prometheus-errors.ts';
import { sendSmall } from './prometheus-json.ts';
import { Params } from './prometheus-params.ts';
import { documented } from './route-docs.ts';

/** One scraped target, as the scrape slice tells it. */
interface TargetStatus {
  readonly labels: Labels;
  readonly discoveredLabels: Labels;
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly globalUrl: string;
  readonly lastError: string;
  /** Milliseconds since the epoch; null before the first scrape. */
  readonly lastScrape: number | null;
  /** Seconds. */
  readonly lastScrapeDuration: number;
  readonly health: string;
  /** Prometheus durations. */
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
}

/** What this API needs to know of the scraper. */
export interface TargetSource {
  scrapePools(): readonly string[];
  activeTargets(): readonly TargetStatus[];
  droppedTargets(): readonly { readonly discoveredLabels: Labels; readonly scrapePool: string }[];
  droppedTargetCounts(): ReadonlyMap<string, number>;
}

export interface StatusFacts {
  /** The Prometheus version whose API this is (PQ-9: at least 2.24). */
  readonly version: string;
  readonly revision: string;
  readonly buildDate: string;
  /** Runtime version; the API calls it goVersion. */
  readonly runtime: string;
  readonly startedAt: number;
  readonly workingDirectory: string;
  /** The configuration in effect, as YAML without secrets. */
  configYaml(): string;
  /** Command-line flags by name. */
  readonly flags: Readonly<Record<string, string>>;
  readonly retention: string;
  hostname(): string;
  now(): number;
}

export interface StatusRoutesDeps {
  readonly store: MetricsStore;
  /** Null while nothing is scraped. */
  readonly targets: TargetSource | null;
  readonly facts: StatusFacts;
  /** Whether queries can be answered. */
  ready(): boolean;
}

export function registerStatusRoutes(app: HttpApp, deps: StatusRoutesDeps): void {
  const { facts } = deps;
  registerTargets(app, deps.targets);
  const get = (url: string, summary: string, answer: () => unknown): void => {
    app.route({
      method: 'GET',
      url,
      ...documented(summary, []),
      handler: (_request, reply) => sendSmall(reply, answer()),
    });
  };
  get('/api/v1/status/buildinfo', 'Version of the Prometheus API this server speaks.', () => ({
    version: facts.version,
    revision: facts.revision,
    branch: 'HEAD',
    buildUser: 'pharos',
    buildDate: facts.buildDate,
    goVersion: facts.runtime,
  }));
  get('/api/v1/status/config', 'The configuration in effect.', () => ({ yaml: facts.configYaml() }));
  get('/api/v1/status/flags', 'Command-line flags.', () => facts.flags);
  get('/api/v1/status/runtimeinfo', 'Facts about the running process.', () => runtimeInfo(deps));
  // Rules are not evaluated yet, so there is none to list; the shapes are those clients read.
  get('/api/v1/rules', 'Rule groups.', () => ({ groups: [] }));
  get('/api/v1/alerts', 'Active alerts.', () => ({ alerts: [] }));
  get('/api/v1/alertmanagers', 'Where alerts are sent.', () => ({
    activeAlertmanagers: [],
    droppedAlertmanagers: [],
  }));
  registerTsdb(app, deps);
  registerProbes(app, deps);
}

function registerTargets(app: HttpApp, targets: TargetSource | null): void {
  app.route({
    method: 'GET',
    url: '/api/v1/targets',
    ...documented('Scrape targets and their state.', [
      ['state', 'active, dropped or any'],
      ['scrapePool', 'one job'],
    ]),
    handler: (request, reply) => {
      const params = new Params(request);
      const state = params.text('state').toLowerCase();
      const pool = params.text('scrapePool');
      const inPool = (target: { readonly scrapePool: string }): boolean =>
        pool === '' || target.scrapePool === pool;
      const active = state === 'dropped' ? [] : (targets?.activeTargets().filter(inPool) ?? []);
      const dropped = state === 'active' ? [] : (targets?.droppedTargets().filter(inPool) ?? []);
      const counts = state === 'active' ? [] : [...(targets?.droppedTargetCounts() ?? [])];
      return sendSmall(reply, {
        activeTargets: active.map(activeTarget),
        droppedTargets: dropped.map((t) => ({
          discoveredLabels: t.discoveredLabels.toRecord(),
          scrapePool: t.scrapePool,
        })),
        droppedTargetCounts: Object.fromEntries(counts),
      });
    },
  });
  app.route({
    method: 'GET',
    url: '/api/v1/scrape_pools',
    ...documented('Names of the scrape jobs.', []),
    handler: (_request, reply) => sendSmall(reply, { scrapePools: targets?.scrapePools() ?? [] }),
  });
}

const NEVER = '0001-01-01T00:00:00Z';

function activeTarget(target: TargetStatus): object {
  return {
    discoveredLabels: target.discoveredLabels.toRecord(),
    labels: target.labels.toRecord(),
    scrapePool: target.scrapePool,
    scrapeUrl: target.scrapeUrl,
    globalUrl: target.globalUrl,
    lastError: target.lastError,
    lastScrape: target.lastScrape === null ? NEVER : new Date(target.lastScrape).toISOString(),
    lastScrapeDuration: target.lastScrapeDuration,
    health: target.health,
    scrapeInterval: target.scrapeInterval,
    scrapeTimeout: target.scrapeTimeout,
  };
}

function runtimeInfo({ facts, store }: StatusRoutesDeps): object {
  return {
    startTime: new Date(facts.startedAt).toISOString(),
    CWD: facts.workingDirectory,
    hostname: facts.hostname(),
    serverTime: new Date(facts.now()).toISOString(),
    reloadConfigSuccess: true,
    lastConfigTime: new Date(facts.startedAt).toISOString(),
    corruptionCount: 0,
    goroutineCount: 1,
    GOMAXPROCS: 1,
    GOMEMLIMIT: 0,
    GOGC: '',
    GODEBUG: '',
    storageRetention: facts.retention,
    headSeries: store.headStats().series,
  };
}

function registerTsdb(app: HttpApp, { store }: StatusRoutesDeps): void {
  app.route({
    method: 'GET',
    url: '/api/v1/status/tsdb',
    ...documented('Cardinality of the active series.', [['limit', 'most entries per list, up to 10000']]),
    handler: (request, reply): FastifyReply => {
      const params = new Params(request);
      const limit = params.text('limit') === '' ? 10 : params.limit();
      if (limit < 1 || limit > 10_000) throw badParameter('limit', 'limit must be between 1 and 10000');
      const found = store.cardinality(request.tenant, limit);
      const head = store.headStats();
      const time = (ms: number): number => (Number.isFinite(ms) ? ms : 0);
      return sendSmall(reply, {
        headStats: {
          numSeries: found.series,
          numLabelPairs: found.pairs,
          chunkCount: head.chunks,
          minTime: time(head.floor),
          maxTime: time(head.newest),
        },
        seriesCountByMetricName: found.seriesByMetric,
        labelValueCountByLabelName: found.valuesByLabel,
        memoryInBytesByLabelName: found.bytesByLabel,
        seriesCountByLabelValuePair: found.seriesByPair,
      });
    },
  });
}

function registerProbes(app: HttpApp, deps: StatusRoutesDeps): void {
  const probe = (url: string, summary: string, answer: (reply: FastifyReply) => FastifyReply): void => {
    app.route({
      method: ['GET', 'HEAD'],
      url,
      ...documented(summary, []),
      handler: (_request, reply) => answer(reply.type('text/plain; charset=utf-8')),
    });
  };
  probe('/-/healthy', 'Whether the process is alive.', (reply) => reply.send('Pharos is Healthy.\n'));
  probe('/-/ready', 'Whether queries can be answered.', (reply) =>
    deps.ready() ? reply.send('Pharos is Ready.\n') : reply.code(503).send('Service Unavailable'),
  );
}

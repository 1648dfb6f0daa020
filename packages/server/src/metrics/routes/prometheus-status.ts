import { functionNames, signatureOf } from '@pharos/promql';
import type { HttpApp } from '../../http/types.ts';
import type { MetricFamily } from '../../kernel/telemetry.ts';
import type { MetricsConfig } from '../config.ts';
import { compileAnchored } from '../relabel/regex.ts';
import type { MetricsStore } from '../store/store.ts';
import { badParameter } from './prometheus-errors.ts';
import { isoTime, sendSmall } from './prometheus-json.ts';
import { Params } from './prometheus-params.ts';
import { documented } from './route-docs.ts';
import { familyJson } from './self-metrics.ts';

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
  /** How the last reading of the configuration went, and when the one in effect was taken (epoch ms). */
  configState(): { readonly success: boolean; readonly appliedAt: number };
  /** Command-line flags by name. */
  readonly flags: Readonly<Record<string, string>>;
  readonly retention: string;
  /** Calls that only some servers answer, by group and name, for `/features`. */
  features(): Readonly<Record<string, Readonly<Record<string, boolean>>>>;
  /** Pharos' own metrics. */
  selfMetrics(): Promise<readonly MetricFamily[]>;
  hostname(): string;
  now(): number;
}

export interface StatusRoutesDeps {
  readonly store: MetricsStore;
  readonly facts: StatusFacts;
  readonly config: MetricsConfig['query'];
}

export function registerStatusRoutes(app: HttpApp, deps: StatusRoutesDeps): void {
  const { facts } = deps;
  const get = (url: string, summary: string, answer: () => unknown): void => {
    app.route({
      method: 'GET',
      url,
      ...documented(summary, []),
      handler: (_request, reply) => sendSmall(reply, answer()),
    });
  };
  const build = {
    version: facts.version,
    revision: facts.revision,
    branch: 'HEAD',
    buildUser: 'pharos',
    buildDate: facts.buildDate,
    goVersion: facts.runtime,
  };
  get('/api/v1/status/buildinfo', 'Version of the Prometheus API this server speaks.', () => build);
  app.route({
    method: 'GET',
    url: '/version',
    ...documented('The same, outside the envelope.', []),
    handler: (_request, reply) => reply.type('application/json').send(JSON.stringify(build)),
  });
  get('/api/v1/status/config', 'The configuration in effect.', () => ({ yaml: facts.configYaml() }));
  get('/api/v1/status/flags', 'Command-line flags.', () => facts.flags);
  get('/api/v1/status/runtimeinfo', 'Facts about the running process.', () => runtimeInfo(facts));
  get('/api/v1/features', 'What this server can do.', () => ({
    ...facts.features(),
    ...promqlFeatures(deps.config),
  }));
  // Samples lie in the engine's own parts, which are no blocks of Prometheus' format.
  get('/api/v1/status/tsdb/blocks', 'Blocks of samples; there are none.', () => ({ blocks: [] }));
  // The API opens once everything is replayed, so a replay is always over.
  get('/api/v1/status/walreplay', 'How far the replay at start is.', () => ({ min: 0, max: 0, current: 0 }));
  registerTsdb(app, deps);
  registerSelfMetrics(app, facts);
}

function runtimeInfo(facts: StatusFacts): object {
  const { success, appliedAt } = facts.configState();
  return {
    startTime: isoTime(facts.startedAt),
    CWD: facts.workingDirectory,
    hostname: facts.hostname(),
    serverTime: isoTime(facts.now()),
    reloadConfigSuccess: success,
    lastConfigTime: isoTime(appliedAt),
    corruptionCount: 0,
    goroutineCount: 1,
    GOMAXPROCS: 1,
    GOMEMLIMIT: 0,
    GOGC: '',
    GODEBUG: '',
    storageRetention: facts.retention,
  };
}

function promqlFeatures(config: MetricsConfig['query']): object {
  const allowed = config.experimental.includes('functions');
  const functions = functionNames().map(
    (name) => [name, allowed || !signatureOf(name).experimental] as const,
  );
  return { promql_functions: Object.fromEntries(functions) };
}

function registerTsdb(app: HttpApp, { store }: StatusRoutesDeps): void {
  app.route({
    method: 'GET',
    url: '/api/v1/status/tsdb',
    ...documented('Cardinality of the active series.', [['limit', 'most entries per list, up to 10000']]),
    handler: (request, reply) => {
      const params = new Params(request);
      const limit = params.text('limit') === '' ? 10 : params.limit();
      if (limit < 1) throw badParameter('limit', 'limit must be a positive number');
      if (limit > 10_000) throw badParameter('limit', 'limit must not exceed 10000');
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

function registerSelfMetrics(app: HttpApp, facts: StatusFacts): void {
  app.route({
    method: 'GET',
    url: '/api/v1/status/self_metrics',
    ...documented("Pharos' own metrics as JSON.", [['metric_name_pattern', 'regular expression, anchored']]),
    handler: async (request, reply) => {
      const pattern = new Params(request).text('metric_name_pattern');
      const wanted = pattern === '' ? null : compileAnchored(pattern);
      if (pattern !== '' && wanted === null)
        throw badParameter('metric_name_pattern', `${JSON.stringify(pattern)} is not a valid RE2 pattern`);
      const families = await facts.selfMetrics();
      const chosen = families.filter(({ name }) => wanted === null || wanted.matches(name));
      return sendSmall(reply, chosen.map(familyJson));
    },
  });
}

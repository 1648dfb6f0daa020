import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseExpr, type Queryable, QueryError, type WindowThread } from '@pharos/promql';
import {
  type Alertmanager,
  AlertSender,
  BackTester,
  backTestApi,
  createRuleQuery,
  lokiRulesApi,
  OwnRules,
  ownRulesApi,
  pastOfSeries,
  RecentlyTold,
  RuleManager,
  type RuleSettings,
  ruleViews,
  runbooksApi,
  ToldBeforeRules,
  tellingWorldOf,
} from './alerts/index.ts';
import type { PharosConfig } from './config.ts';
import { DEFAULT_TENANT } from './http/admit.ts';
import type { ApiModule } from './http/types.ts';
import { nodeFileSystem } from './journal/index.ts';
import type { Service } from './kernel/services.ts';
import type { LogMetrics } from './logs/index.ts';
import { type MetricsStore, metricsQueryEngine, queryOptions, type RulesRetriever } from './metrics/index.ts';
import type { Reloadable } from './reload.ts';
import { SLO_FILE, sloRuleFile } from './slos/index.ts';
import { breathe } from './wire-scrape.ts';
import type { Base, Storage } from './wire-storage.ts';

interface AlertParts {
  readonly config: PharosConfig;
  readonly storage: Pick<Storage, 'directory' | 'alertState'>;
  readonly metrics: {
    readonly samples: Pick<MetricsStore, 'sink'>;
    queryable(tenant: string): Queryable;
    tellRules(rules: RulesRetriever): void;
    readonly windowThread: WindowThread;
  };
  readonly logs: { readonly metrics: { readonly rules: LogMetrics; readonly backTests: LogMetrics } };
  readonly publicUrl: () => string;
  /** Alerts that are known, some of which are over. */
  readonly known: Alertmanager['known'];
}

export interface Alerts extends Reloadable {
  readonly services: readonly Service[];
  /** What the pages of alerts ask of rules. */
  readonly rules: Pick<RuleManager, 'groups' | 'externalLabels'>;
  /** Called with alerts of rules that fire, again and again, and with those that are over. */
  readonly onAlerts: RuleManager['onAlerts'];
  /** Rules that are written over the API, told of by an Alertmanager; and what to do about those that come along. */
  apis(alertmanager: Alertmanager): readonly ApiModule[];
}

/** Rules over the metrics and the log lines of the default tenant, as Prometheus and Loki evaluate them, whose alerts are sent on. */
export function wireAlerts(base: Base, parts: AlertParts): Alerts {
  const { config, metrics, logs, publicUrl } = parts;
  const options = queryOptions(config.metrics.query);
  const queryable = (): Queryable => metrics.queryable(DEFAULT_TENANT);
  const externalUrl = (): string => publicUrl().replace(/\/$/, '');
  const own = new OwnRules({
    fs: nodeFileSystem,
    log: base.log,
    parser: options,
    path: join(parts.storage.directory.path, 'rules', 'pharos.yml'),
    changed: () => manager.applyOwn(),
  });
  const recent = new RecentlyTold({
    ...base,
    state: parts.storage.alertState,
    tenant: DEFAULT_TENANT,
    told: parts.known,
    haveBegun: () => manager.hasBegun,
    toleranceMs: () => config.rules.for_outage_tolerance,
  });
  const manager: RuleManager = new RuleManager({
    ...base,
    own: () => own.groups(),
    told: () => recent.told(),
    queries: {
      promql: createRuleQuery(
        metricsQueryEngine(config.metrics, base.clock, metrics.windowThread),
        queryable,
      ),
      logql: ({ query }, time, signal) => logs.metrics.rules.instant(query, time, signal),
    },
    queryable,
    store: { appender: () => metrics.samples.sink.appender({ tenant: DEFAULT_TENANT }) },
    parser: options,
    parse: (query) => {
      try {
        return parseExpr(query, options);
      } catch (error) {
        if (error instanceof QueryError) return undefined;
        throw error;
      }
    },
    breathe,
    externalUrl,
    settings: settingsOf(config),
  });
  const sender = new AlertSender(config.alerting, { ...base, readText: (path) => readFile(path, 'utf8') });
  manager.onAlerts((alerts) => sender.send(alerts));
  const before = new ToldBeforeRules({
    ...base,
    told: () => recent.told(),
    externalUrl,
    haveBegun: () => manager.hasBegun,
    send: (alerts) => manager.tell(alerts),
  });
  metrics.tellRules({ groups: () => ruleViews(manager.groups()), alertmanagers: () => sender.urls() });
  return {
    name: 'rules',
    problems: (changed) => manager.prepare(settingsOf(changed)),
    applyConfig: (changed) => {
      sender.applyConfig(changed.alerting);
      void manager.apply();
    },
    services: [sender, own, recent, before, manager],
    rules: manager,
    onAlerts: (listener) => manager.onAlerts(listener),
    apis: (alertmanager) => [
      wireBackTest(base, parts, { manager, alertmanager, externalUrl, queryable, file: own.path }),
      ownRulesApi(own),
      runbooksApi(),
      lokiRulesApi({ rules: manager }),
    ],
  };
}

interface BackTestParts {
  readonly manager: RuleManager;
  readonly alertmanager: Alertmanager;
  readonly externalUrl: () => string;
  readonly queryable: () => Queryable;
  readonly file: string;
}

function wireBackTest(
  { clock }: Base,
  { config, logs, metrics }: AlertParts,
  { manager, alertmanager, externalUrl, queryable, file }: BackTestParts,
): ApiModule {
  const { query } = config.metrics;
  const engine = metricsQueryEngine(config.metrics, clock, metrics.windowThread);
  const tester = new BackTester({
    past: {
      promql: pastOfSeries(engine, queryable, {
        instant: createRuleQuery(engine, queryable),
        maxPoints: query.max_points,
      }),
      logql: {
        instant: ({ query: text }, time, signal) => logs.metrics.backTests.instant(text, time, signal),
        range: async (text, steps, signal) => ({
          series: await logs.metrics.backTests.range(text, steps, signal),
          isDownsampled: false,
        }),
        first: (text, within, signal) => logs.metrics.backTests.firstLine(text, within, signal),
        maxPoints: config.logs.query.max_points,
      },
    },
    monotonic: () => clock.monotonic(),
    breathe,
    externalUrl,
    world: () => tellingWorldOf(alertmanager, manager.externalLabels),
    defaults: () => manager.defaults,
  });
  return backTestApi({
    clock,
    tester,
    rules: manager,
    parser: queryOptions(query),
    file,
    timeoutMs: query.timeout,
  });
}

function settingsOf({ global, ruleFiles, logRuleFiles, rules, slos }: PharosConfig): RuleSettings {
  return {
    files: { promql: ruleFiles, logql: logRuleFiles },
    ready: rules.ready,
    made: { [SLO_FILE]: sloRuleFile(slos) },
    intervalMs: global.evaluation_interval,
    offsetMs: global.rule_query_offset,
    externalLabels: global.external_labels,
    resendMs: rules.resend_delay,
    toleranceMs: rules.for_outage_tolerance,
    graceMs: rules.for_grace_period,
  };
}

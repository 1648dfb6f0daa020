import { readFile } from 'node:fs/promises';
import { parseExpr, type Queryable, QueryError } from '@pharos/promql';
import { AlertSender, createRuleQuery, RuleManager, type RuleSettings, ruleViews } from './alerts/index.ts';
import type { PharosConfig } from './config.ts';
import { DEFAULT_TENANT } from './http/admit.ts';
import type { Service } from './kernel/services.ts';
import { type MetricsStore, metricsQueryEngine, queryOptions, type RulesRetriever } from './metrics/index.ts';
import type { Reloadable } from './reload.ts';
import { breathe } from './wire-scrape.ts';
import type { Base } from './wire-storage.ts';

interface AlertParts {
  readonly config: PharosConfig;
  readonly metrics: {
    readonly samples: Pick<MetricsStore, 'sink'>;
    queryable(tenant: string): Queryable;
    tellRules(rules: RulesRetriever): void;
  };
  readonly publicUrl: () => string;
}

export interface Alerts extends Reloadable {
  readonly services: readonly Service[];
  /** What the pages of alerts ask of rules. */
  readonly rules: Pick<RuleManager, 'groups' | 'externalLabels'>;
  /** Called with alerts of rules that fire, again and again, and with those that are over. */
  readonly onAlerts: RuleManager['onAlerts'];
}

/** Rules over the metrics of the default tenant, as Prometheus evaluates them, whose alerts are sent on. */
export function wireAlerts(base: Base, { config, metrics, publicUrl }: AlertParts): Alerts {
  const options = queryOptions(config.metrics.query);
  const queryable = (): Queryable => metrics.queryable(DEFAULT_TENANT);
  const manager = new RuleManager({
    ...base,
    query: createRuleQuery(metricsQueryEngine(config.metrics, base.clock), queryable),
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
    externalUrl: () => publicUrl().replace(/\/$/, ''),
    settings: settingsOf(config),
  });
  const sender = new AlertSender(config.alerting, { ...base, readText: (path) => readFile(path, 'utf8') });
  manager.onAlerts((alerts) => sender.send(alerts));
  metrics.tellRules({ groups: () => ruleViews(manager.groups()), alertmanagers: () => sender.urls() });
  return {
    name: 'rules',
    problems: (changed) => manager.prepare(settingsOf(changed)),
    applyConfig: (changed) => {
      sender.applyConfig(changed.alerting);
      void manager.apply();
    },
    services: [sender, manager],
    rules: manager,
    onAlerts: (listener) => manager.onAlerts(listener),
  };
}

function settingsOf({ global, ruleFiles, rules }: PharosConfig): RuleSettings {
  return {
    files: ruleFiles,
    ready: rules.ready,
    intervalMs: global.evaluation_interval,
    offsetMs: global.rule_query_offset,
    externalLabels: global.external_labels,
    resendMs: rules.resend_delay,
    toleranceMs: rules.for_outage_tolerance,
    graceMs: rules.for_grace_period,
  };
}

import { createQueryEngine, type QueryEngine, type WindowThread } from '@pharos/promql';
import type { ApiModule } from '../../http/types.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Notifications } from '../../kernel/notifications.ts';
import { QueryGate } from '../../kernel/query-gate.ts';
import type { MetricsConfig } from '../config.ts';
import { metricsErrors } from '../errors.ts';
import { queryOptions } from '../query-options.ts';
import { ResultCache } from '../result-cache/result-cache.ts';
import type { TargetRetriever } from '../scrape/targets.ts';
import type { MetricsStore } from '../store/store.ts';
import { yieldToLoop } from '../store/yield.ts';
import { federateApi } from './federate.ts';
import { registerAdminRoutes } from './prometheus-admin.ts';
import { renderPrometheusError } from './prometheus-errors.ts';
import { registerExemplarRoutes } from './prometheus-exemplars.ts';
import { registerLabelRoutes } from './prometheus-labels.ts';
import { type Lifecycle, registerLifecycleRoutes } from './prometheus-lifecycle.ts';
import { registerNotificationRoutes } from './prometheus-notifications.ts';
import { registerQueryRoutes } from './prometheus-query.ts';
import { type RulesRetriever, registerRuleRoutes } from './prometheus-rules.ts';
import { registerStatusRoutes, type StatusFacts } from './prometheus-status.ts';
import { registerTargetRoutes } from './prometheus-targets.ts';
import { remoteReadApi } from './remote-read.ts';

export interface PrometheusApiDeps {
  readonly store: MetricsStore;
  readonly engine: QueryEngine;
  readonly clock: Clock;
  readonly config: MetricsConfig;
  /** Null where nothing is scraped. */
  readonly targets: TargetRetriever | null;
  readonly rules: RulesRetriever;
  readonly facts: StatusFacts;
  readonly notifications: Notifications;
  readonly lifecycle: Lifecycle;
  /** Whether the API may delete data. */
  readonly adminEnabled: boolean;
  /** `global.external_labels` as they are now. */
  externalLabels(): Readonly<Record<string, string>>;
  /** Whether queries can be answered. */
  ready(): boolean;
}

/**
 * The Prometheus HTTP API (compat §2) over the metrics store, with federation and remote read; queries of all share one gate. Names
 * and values have another, so that completing a query never waits for those that run.
 */
export function prometheusApis(deps: PrometheusApiDeps): readonly ApiModule[] {
  const guarded = { ...deps, config: deps.config.query, gate: newGate(deps) };
  return [prometheusApi(deps, guarded.gate), federateApi(guarded), remoteReadApi(guarded)];
}

function newGate({ config }: PrometheusApiDeps): QueryGate {
  return new QueryGate(config.query.max_concurrency, (message) =>
    metricsErrors.make('busy', message, { retryAfterSeconds: 1 }),
  );
}

function prometheusApi(deps: PrometheusApiDeps, gate: QueryGate): ApiModule {
  return {
    name: 'prometheus',
    renderError: renderPrometheusError,
    register(app) {
      const guarded = { ...deps, config: deps.config.query, gate };
      registerQueryRoutes(app, { ...guarded, cache: resultCache(deps) });
      registerExemplarRoutes(app, guarded);
      registerLabelRoutes(app, { ...guarded, gate: newGate(deps) });
      registerTargetRoutes(app, deps.targets);
      registerRuleRoutes(app, deps.rules);
      registerStatusRoutes(app, { ...deps, config: deps.config.query });
      registerNotificationRoutes(app, deps.clock, deps.notifications);
      registerLifecycleRoutes(app, deps);
      registerAdminRoutes(app, deps);
    },
  };
}

function resultCache({ engine, store, clock, config }: PrometheusApiDeps): ResultCache {
  const cache = new ResultCache({
    engine,
    clock,
    changes: store.changes,
    options: queryOptions(config.query),
    bytes: config.query.result_cache,
  });
  store.telemetry.observeResultCache(() => cache.bytes);
  return cache;
}

/** The query engine with this slice's limits; rules and dashboards use the same. */
export function metricsQueryEngine(
  config: MetricsConfig,
  clock: Clock,
  windowThread?: WindowThread,
): QueryEngine {
  return createQueryEngine({
    ...(windowThread !== undefined && { windowThread }),
    limits: {
      maxSamples: config.query.max_samples,
      maxPoints: config.query.max_points,
      timeoutMs: config.query.timeout,
    },
    options: queryOptions(config.query),
    now: () => clock.monotonic(),
    yieldNow: yieldToLoop,
  });
}

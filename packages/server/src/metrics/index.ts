/** What the metrics slice publishes. */

export { importBlocks } from './blocks/import.ts';
export { CardinalityReader } from './cardinality/reader.ts';
export { metricsSection } from './config.ts';
export { downsampleService, retentionGuard } from './downsample/service.ts';
export { forwardSection } from './forward/config.ts';
export { ForwardService } from './forward/service.ts';
export { createHostReader, HostMetricsService } from './host/index.ts';
export { checkHttpClient, httpClientShape } from './http-client/config.ts';
export { clientHeaders, type ReadText } from './http-client/headers.ts';
export { tlsOptions } from './http-client/tls.ts';
export { otlpSection } from './ingest/otlp/config.ts';
export { OtlpMetricsService } from './ingest/otlp/service.ts';
export { PushService } from './ingest/push/service.ts';
export { RemoteWriteService } from './ingest/remote-write/service.ts';
export { ReportsService } from './ingest/reports/service.ts';
export { queryOptions } from './query-options.ts';
export { relabelConfigSchema } from './relabel/config.ts';
export { createRelabeler } from './relabel/relabel.ts';
export { cardinalityApi } from './routes/cardinality.ts';
export { metricsQueryEngine, prometheusApis } from './routes/prometheus.ts';
export type {
  AlertingRuleView,
  AlertView,
  RecordingRuleView,
  RuleGroupView,
  RulesRetriever,
} from './routes/prometheus-rules.ts';
export type { StatusFacts } from './routes/prometheus-status.ts';
export { pushApi } from './routes/push.ts';
export { remoteWriteApi } from './routes/remote-write.ts';
export { reportsApi } from './routes/reports.ts';
export {
  type ActiveTarget,
  createHttpFetcher,
  globalSection,
  type HttpFetcher,
  type ScrapeConfig,
  ScrapeManager,
  scrapeSection,
  type TargetRetriever,
  type TargetSpec,
  type TargetState,
} from './scrape/index.ts';
export { createMetricsStore, type MetricsStore } from './store/store.ts';
export { metricsTables } from './tables.ts';
export { RemoteWindows, startWindowThread } from './window-thread/remote.ts';

/** What the metrics slice publishes. */
export { type MetricsConfig, metricsSection } from './config.ts';
export { metricsErrors } from './errors.ts';
export { createHostReader, type HostMetricsDeps, HostMetricsService } from './host/index.ts';
export { PushService } from './ingest/push/service.ts';
export { ReportsService } from './ingest/reports/service.ts';
export { metricsQueryEngine, type PrometheusApiDeps, prometheusApi } from './routes/prometheus.ts';
export type { StatusFacts, TargetSource } from './routes/prometheus-status.ts';
export { pushApi } from './routes/push.ts';
export { reportsApi } from './routes/reports.ts';
export {
  createHttpFetcher,
  type GlobalConfig,
  globalSection,
  type ScrapeConfig,
  ScrapeManager,
  scrapeSection,
  type TargetRetriever,
} from './scrape/index.ts';
export type {
  AppenderOptions,
  AppendReport,
  MetadataSink,
  MetricMetadata,
  SampleAppender,
  SampleSink,
  SeriesRef,
} from './sink.ts';
export type { LabelAnswer, LabelLookup, LabelRequest } from './store/label-lookup.ts';
export { createMetricsStore, type MetricsStore, type MetricsStoreDeps } from './store/store.ts';
export { metricsTables } from './tables.ts';

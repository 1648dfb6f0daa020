/** What the metrics slice publishes. */
export { type MetricsConfig, metricsSection } from './config.ts';
export { metricsErrors } from './errors.ts';
export { metricsQueryEngine, type PrometheusApiDeps, prometheusApi } from './routes/prometheus.ts';
export type { StatusFacts, TargetSource } from './routes/prometheus-status.ts';
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

import type { ProtobufBodyOptions } from '../ingest/exposition/protobuf.ts';
import type { RelabelConfig } from '../relabel/config.ts';
import type { GlobalConfig, ScrapeConfig, ScrapeProtocol } from './config.ts';
import type { LabelLimits } from './labels.ts';

/** A scrape job with everything decided: its own settings over the global ones over the defaults. Times in milliseconds. */
export interface ScrapeJob {
  readonly name: string;
  readonly config: ScrapeConfig;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly protocols: readonly ScrapeProtocol[];
  /** What is read of native histograms. */
  readonly histograms: ProtobufBodyOptions;
  readonly bodyLimit: number;
  readonly sampleLimit: number;
  readonly targetLimit: number;
  readonly keepDroppedTargets: number;
  readonly labelLimits: LabelLimits;
  readonly relabel: readonly RelabelConfig[];
  readonly metricRelabel: readonly RelabelConfig[];
}

/** Ceilings where the configuration sets none, so that one target cannot take the process down. */
const DEFAULT_BODY_LIMIT = 64 * 2 ** 20;
const DEFAULT_SAMPLE_LIMIT = 500_000;

const DEFAULT_TIMEOUT_MS = 10_000;

/** OpenMetrics first, as Prometheus prefers among the text formats. */
const DEFAULT_PROTOCOLS: readonly ScrapeProtocol[] = [
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
];

/** Native histograms come in protobuf only. */
const WITH_PROTOBUF: readonly ScrapeProtocol[] = ['PrometheusProto', ...DEFAULT_PROTOCOLS];

export function resolveJob(global: GlobalConfig, config: ScrapeConfig): ScrapeJob {
  const intervalMs = config.scrape_interval ?? global.scrape_interval;
  const timeoutMs = Math.min(
    config.scrape_timeout ?? global.scrape_timeout ?? DEFAULT_TIMEOUT_MS,
    intervalMs,
  );
  const histograms = histogramsOf(global, config);
  const usual = histograms.nativeHistograms ? WITH_PROTOBUF : DEFAULT_PROTOCOLS;
  return {
    name: config.job_name,
    config,
    intervalMs,
    timeoutMs,
    protocols: config.scrape_protocols ?? global.scrape_protocols ?? usual,
    histograms,
    bodyLimit: orDefault(config.body_size_limit ?? global.body_size_limit, DEFAULT_BODY_LIMIT),
    sampleLimit: orDefault(config.sample_limit ?? global.sample_limit, DEFAULT_SAMPLE_LIMIT),
    targetLimit: config.target_limit ?? global.target_limit ?? 0,
    keepDroppedTargets: orDefault(
      config.keep_dropped_targets ?? global.keep_dropped_targets,
      DEFAULT_KEPT_DROPPED,
    ),
    labelLimits: {
      labels: config.label_limit ?? global.label_limit ?? 0,
      nameLength: config.label_name_length_limit ?? global.label_name_length_limit ?? 0,
      valueLength: config.label_value_length_limit ?? global.label_value_length_limit ?? 0,
    },
    relabel: config.relabel_configs,
    metricRelabel: config.metric_relabel_configs,
  };
}

function histogramsOf(global: GlobalConfig, config: ScrapeConfig): ProtobufBodyOptions {
  return {
    nativeHistograms: config.scrape_native_histograms ?? global.scrape_native_histograms ?? false,
    classicToo: config.always_scrape_classic_histograms ?? global.always_scrape_classic_histograms ?? false,
  };
}

/** Dropped targets shown per job; Prometheus keeps all, which grows without bound under discovery. */
const DEFAULT_KEPT_DROPPED = 1000;

function orDefault(value: number | undefined, fallback: number): number {
  return value === undefined || value === 0 ? fallback : value;
}

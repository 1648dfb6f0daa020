import type { Labels } from '@pharos/promql';

/**
 * Where every way in (scrape, push, remote write, reports) hands its samples. Implemented by the metrics store
 * (`store/`); the doors see only this.
 */
export interface SampleSink {
  /** One appender per request or scrape; not shared. */
  appender(options: AppenderOptions): SampleAppender;
}

interface AppenderOptions {
  readonly tenant: string;
}

/**
 * A dense number for a known series of a tenant, never reused in the life of the process. Doors cache it by the
 * raw bytes that led to it, so that a known series costs no decoding.
 */
export type SeriesRef = number;

export interface SampleAppender {
  /** The ref of a label set (with `__name__`), creating the series when new. -1 when a series limit refuses it (counted). */
  resolve(labels: Labels): SeriesRef;
  /** False when the ref is no longer active (evicted): resolve again. Time in ms. Stale markers keep their bits: see appendStale. */
  append(ref: SeriesRef, timestamp: number, value: number): boolean;
  /** Appends Prometheus' staleness marker. */
  appendStale(ref: SeriesRef, timestamp: number): boolean;
  /**
   * Durable when it resolves. Rejected samples (outside the time window, equal to the last one) are in the report, not errors.
   * Rejects with a journal error when nothing was stored.
   */
  commit(): Promise<AppendReport>;
  rollback(): void;
}

export interface AppendReport {
  readonly appended: number;
  /** Equal time and value as the series' last sample: accepted, not stored twice. */
  readonly duplicates: number;
  readonly tooOld: number;
  readonly tooFarAhead: number;
  readonly newSeries: number;
}

/** Type, help and unit of a metric family, last writer wins; kept in memory and in the StateStore. */
export interface MetadataSink {
  record(tenant: string, metric: string, metadata: MetricMetadata): void;
}

export interface MetricMetadata {
  readonly type:
    | 'counter'
    | 'gauge'
    | 'histogram'
    | 'gaugehistogram'
    | 'summary'
    | 'info'
    | 'stateset'
    | 'unknown';
  readonly help: string;
  readonly unit: string;
}

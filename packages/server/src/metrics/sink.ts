import type { Histogram, Labels } from '@pharos/promql';

/**
 * Where every way in (scrape, push, remote write, reports) hands its samples. Implemented by the metrics store
 * (`store/`); the doors see only this.
 */
export interface SampleSink {
  /** One appender per request or scrape; not shared. */
  appender(options: AppenderOptions): SampleAppender;
}

export interface AppenderOptions {
  readonly tenant: string;
  /** Takes samples of any age: an import of old data. */
  readonly backfill?: boolean;
}

/**
 * A dense number for a known series of a tenant, never reused in the life of the process. Doors cache it by the
 * raw bytes that led to it, so that a known series costs no decoding.
 */
export type SeriesRef = number;

export interface SampleAppender {
  /** The ref of a label set (with `__name__`), creating the series when new. -1 when a limit refuses it (counted): see `refusal`. */
  resolve(labels: Labels): SeriesRef;
  /** Why the last label set that was answered -1 was refused. */
  readonly refusal: SeriesRefusal | null;
  /**
   * False when the ref is no longer active (evicted): resolve again. Times in ms; `start` is when the counting began, 0 or absent
   * for unknown. Stale markers keep their bits: see appendStale.
   */
  append(ref: SeriesRef, timestamp: number, value: number, start?: number): boolean;
  /**
   * The first `count` values, one for each of the refs (all above 0), of one time. False when any of the refs is no longer active:
   * then none was appended.
   */
  appendEach(refs: Uint32Array, values: Float64Array, count: number, timestamp: number): boolean;
  /** Appends a native histogram sample; a series may mix them with floats. A stale histogram is an `appendStale`. */
  appendHistogram(ref: SeriesRef, timestamp: number, histogram: Histogram, start?: number): boolean;
  /** Appends an exemplar of the series. */
  appendExemplar(ref: SeriesRef, exemplar: Exemplar): boolean;
  /** Appends Prometheus' staleness marker. */
  appendStale(ref: SeriesRef, timestamp: number): boolean;
  /**
   * Durable when it resolves. Rejected samples (outside the time window, another value at a time already taken) are in the report,
   * not errors. Rejects with a journal error when nothing was stored.
   */
  commit(options?: CommitOptions): Promise<AppendReport>;
  rollback(): void;
}

export interface CommitOptions {
  /** All or nothing: when a sample or histogram is rejected, nothing is stored and the report says only what was rejected. */
  readonly whole?: boolean;
  /** How long, in ms, it may wait for others to become durable with; 0 when absent. */
  readonly patienceMs?: number;
}

/** Why a label set was refused. `series_limit` and `label_memory` may pass, when other series end; the others stay. */
export interface SeriesRefusal {
  readonly reason:
    | 'series_limit'
    | 'label_memory'
    | 'label_count'
    | 'label_name_length'
    | 'label_value_length';
  /** Names the metric or the tenant, the value and the limit. */
  readonly message: string;
}

/** One observation that stands for many, usually with the trace it belongs to in its labels. Time in ms. */
export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  readonly timestamp: number;
}

/** What one commit did. Everything appended is stored, a duplicate, or in `rejected`. */
export interface AppendReport {
  /** Float samples and staleness markers. */
  readonly samples: Written;
  readonly histograms: Written;
  readonly exemplars: Written;
  /** One entry per kind and reason that occurred, in the order they first did. */
  readonly rejected: readonly Rejection[];
  readonly newSeries: number;
}

/** Both numbers together are what a sender may be told was written (RW-3). */
interface Written {
  readonly stored: number;
  /** The same time and the same value are there already: accepted, not stored twice (RW-4). */
  readonly duplicates: number;
}

export type AppendKind = 'sample' | 'histogram' | 'exemplar';

/**
 * Why something was not stored: its time is outside the window of the doors; the series has another value at that time (the first
 * one stays); an exemplar older than the series' newest one, or with more than 128 characters of labels.
 */
export type RejectReason =
  | 'duplicate_timestamp'
  | 'too_old'
  | 'too_far_ahead'
  | 'out_of_order'
  | 'labels_too_long';

export interface Rejection {
  readonly kind: AppendKind;
  readonly reason: RejectReason;
  readonly count: number;
  /** Series and time of the first one. */
  readonly ref: SeriesRef;
  readonly timestamp: number;
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

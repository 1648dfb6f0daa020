import type { Labels } from '@pharos/promql';
import type {
  AppendReport,
  MetadataSink,
  MetricMetadata,
  SampleAppender,
  SampleSink,
  SeriesRef,
} from '../sink.ts';

export interface MemorySample {
  readonly tenant: string;
  readonly labels: Labels;
  readonly timestamp: number;
  readonly value: number;
  readonly stale: boolean;
}

/** A sink that keeps everything committed in memory, for tests of the doors. */
export class MemorySink implements SampleSink, MetadataSink {
  readonly samples: MemorySample[] = [];
  readonly metadata = new Map<string, MetricMetadata>();
  /** Set to make every commit reject. */
  failWith: Error | null = null;
  /** Series beyond this many are refused with -1. */
  maxSeries = Number.POSITIVE_INFINITY;
  resolved = 0;
  readonly #byRef: ({ tenant: string; labels: Labels } | undefined)[] = [];
  readonly #byKey = new Map<string, SeriesRef>();

  appender({ tenant }: { readonly tenant: string }): SampleAppender {
    let pending: MemorySample[] = [];
    const push = (ref: SeriesRef, timestamp: number, value: number, stale: boolean): boolean => {
      const series = this.#byRef[ref];
      if (series === undefined) return false;
      pending.push({ tenant, labels: series.labels, timestamp, value, stale });
      return true;
    };
    return {
      resolve: (labels) => this.#resolve(tenant, labels),
      append: (ref, timestamp, value) => push(ref, timestamp, value, false),
      appendStale: (ref, timestamp) => push(ref, timestamp, Number.NaN, true),
      commit: () => {
        if (this.failWith !== null) return Promise.reject(this.failWith);
        this.samples.push(...pending);
        const report: AppendReport = {
          appended: pending.length,
          duplicates: 0,
          tooOld: 0,
          tooFarAhead: 0,
          newSeries: 0,
        };
        pending = [];
        return Promise.resolve(report);
      },
      rollback: () => {
        pending = [];
      },
    };
  }

  record(tenant: string, metric: string, metadata: MetricMetadata): void {
    this.metadata.set(`${tenant}/${metric}`, metadata);
  }

  /** Forgets every ref, as an eviction does: appends to old refs answer false. */
  evictAll(): void {
    this.#byRef.fill(undefined);
    this.#byKey.clear();
  }

  /** `name{labels} value@time` lines of what was committed, in order. */
  lines(): string[] {
    return this.samples.map(
      (sample) => `${sample.labels.toString()} ${sample.stale ? 'stale' : sample.value}@${sample.timestamp}`,
    );
  }

  /** The samples of one metric as `value@time` or `stale@time`. */
  of(metric: string): string[] {
    return this.samples
      .filter((sample) => sample.labels.metricName === metric)
      .map((sample) => `${sample.stale ? 'stale' : sample.value}@${sample.timestamp}`);
  }

  clear(): void {
    this.samples.length = 0;
  }

  #resolve(tenant: string, labels: Labels): SeriesRef {
    const key = `${tenant}\u0000${labels.key}`;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (this.#byKey.size >= this.maxSeries) return -1;
    this.resolved++;
    const ref = this.#byRef.push({ tenant, labels }) - 1;
    this.#byKey.set(key, ref);
    return ref;
  }
}

import { type Histogram, type Labels, writeStaleMarker } from '@pharos/promql';
import type {
  AppendKind,
  AppendReport,
  CommitOptions,
  Exemplar,
  MetadataSink,
  MetricMetadata,
  Rejection,
  RejectReason,
  SampleAppender,
  SampleSink,
  SeriesRef,
  SeriesRefusal,
} from '../sink.ts';
import { judgeExemplar } from '../store/exemplars/rules.ts';
import { encodeHistogram } from '../store/histograms/codec.ts';

export interface MemorySample {
  readonly tenant: string;
  readonly labels: Labels;
  readonly timestamp: number;
  readonly value: number;
  readonly stale: boolean;
  /** When it stands, it is the sample. */
  readonly histogram?: Histogram;
  /** When its counting began, ms; absent for unknown. */
  readonly start?: number;
}

export interface MemoryExemplar extends Exemplar {
  readonly tenant: string;
  /** The labels of its series; `labels` are its own. */
  readonly series: Labels;
}

interface MemorySeries {
  readonly tenant: string;
  readonly labels: Labels;
}

/** A sink that keeps everything committed in memory, for tests of the doors. It has no time window. */
export class MemorySink implements SampleSink, MetadataSink {
  readonly samples: MemorySample[] = [];
  readonly exemplars: MemoryExemplar[] = [];
  readonly metadata = new Map<string, MetricMetadata>();
  /** Set to make every commit reject. */
  failWith: Error | null = null;
  /** Series beyond this many are refused with -1. */
  maxSeries = Number.POSITIVE_INFINITY;
  /** Why. */
  refusal: SeriesRefusal = { reason: 'series_limit', message: 'the limit of series is reached' };
  resolved = 0;
  readonly #byRef: (MemorySeries | undefined)[] = [];
  readonly #byKey = new Map<string, SeriesRef>();
  /** What stands at a time of a series, as a text that is equal for equal values. */
  readonly #taken = new Map<string, string>();
  readonly #newestExemplar = new Map<string, Exemplar>();

  appender({ tenant }: { readonly tenant: string }): SampleAppender {
    return new MemoryAppender(
      this,
      tenant,
      (ref) => this.#byRef[ref],
      (labels) => this.#resolve(tenant, labels),
    );
  }

  /** Takes a sample over, or says why not. For the appender. */
  take(sample: MemorySample): 'stored' | 'duplicate' | RejectReason {
    const id = `${sample.tenant}\u0000${sample.labels.key}\u0000${sample.timestamp}`;
    const value = textOf(sample);
    const taken = this.#taken.get(id);
    if (taken !== undefined) return taken === value ? 'duplicate' : 'duplicate_timestamp';
    this.#taken.set(id, value);
    this.samples.push(sample);
    return 'stored';
  }

  /** Takes an exemplar over, or says why not. For the appender. */
  takeExemplar(exemplar: MemoryExemplar): 'stored' | 'duplicate' | RejectReason {
    const id = `${exemplar.tenant}\u0000${exemplar.series.key}`;
    const newest = this.#newestExemplar.get(id);
    const verdict = judgeExemplar(exemplar, newest);
    if (verdict !== 'fresh') return verdict;
    this.#newestExemplar.set(id, exemplar);
    this.exemplars.push(exemplar);
    return 'stored';
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
      (sample) => `${sample.labels.toString()} ${shownValue(sample)}@${sample.timestamp}`,
    );
  }

  /** The samples of one metric as `value@time`, `histogram@time` or `stale@time`. */
  of(metric: string): string[] {
    return this.samples
      .filter((sample) => sample.labels.metricName === metric)
      .map((sample) => `${shownValue(sample)}@${sample.timestamp}`);
  }

  /** Remembers what is stored; the answer brings it back. For the appender. */
  snapshot(): () => void {
    const [samples, exemplars] = [this.samples.length, this.exemplars.length];
    const [taken, newest] = [new Map(this.#taken), new Map(this.#newestExemplar)];
    return () => {
      this.samples.length = samples;
      this.exemplars.length = exemplars;
      for (const key of this.#taken.keys()) if (!taken.has(key)) this.#taken.delete(key);
      this.#newestExemplar.clear();
      for (const [key, exemplar] of newest) this.#newestExemplar.set(key, exemplar);
    };
  }

  clear(): void {
    this.samples.length = 0;
    this.exemplars.length = 0;
    this.#taken.clear();
    this.#newestExemplar.clear();
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

interface Pending {
  readonly kind: AppendKind;
  readonly ref: SeriesRef;
  readonly timestamp: number;
  take(): 'stored' | 'duplicate' | RejectReason;
}

class MemoryAppender implements SampleAppender {
  refusal: SeriesRefusal | null = null;
  readonly #resolve: (labels: Labels) => SeriesRef;
  readonly #sink: MemorySink;
  readonly #tenant: string;
  readonly #seriesOf: (ref: SeriesRef) => MemorySeries | undefined;
  #pending: Pending[] = [];

  constructor(
    sink: MemorySink,
    tenant: string,
    seriesOf: (ref: SeriesRef) => MemorySeries | undefined,
    resolve: (labels: Labels) => SeriesRef,
  ) {
    this.#sink = sink;
    this.#tenant = tenant;
    this.#seriesOf = seriesOf;
    this.#resolve = resolve;
  }

  resolve(labels: Labels): SeriesRef {
    const ref = this.#resolve(labels);
    if (ref < 0) this.refusal = this.#sink.refusal;
    return ref;
  }

  append(ref: SeriesRef, timestamp: number, value: number, start = 0): boolean {
    return this.#sample('sample', ref, timestamp, { value, stale: false, ...startOf(start) });
  }

  appendEach(refs: Uint32Array, values: Float64Array, count: number, timestamp: number): boolean {
    const wanted = refs.subarray(0, count);
    if (wanted.some((ref) => this.#seriesOf(ref) === undefined)) return false;
    wanted.forEach((ref, i) => this.append(ref, timestamp, values[i] ?? 0));
    return true;
  }

  appendStale(ref: SeriesRef, timestamp: number): boolean {
    return this.#sample('sample', ref, timestamp, { value: Number.NaN, stale: true });
  }

  appendHistogram(ref: SeriesRef, timestamp: number, histogram: Histogram, start = 0): boolean {
    const value = { value: Number.NaN, stale: false, histogram, ...startOf(start) };
    return this.#sample('histogram', ref, timestamp, value);
  }

  appendExemplar(ref: SeriesRef, exemplar: Exemplar): boolean {
    const series = this.#seriesOf(ref);
    if (series === undefined) return false;
    const { timestamp } = exemplar;
    const stored = { ...exemplar, tenant: this.#tenant, series: series.labels };
    this.#pending.push({ kind: 'exemplar', ref, timestamp, take: () => this.#sink.takeExemplar(stored) });
    return true;
  }

  commit({ whole = false }: CommitOptions = {}): Promise<AppendReport> {
    if (this.#sink.failWith !== null) return Promise.reject(this.#sink.failWith);
    if (whole) return this.#commitWhole();
    const written = {
      sample: { stored: 0, duplicates: 0 },
      histogram: { stored: 0, duplicates: 0 },
      exemplar: { stored: 0, duplicates: 0 },
    };
    const rejected = new Map<string, Rejection>();
    for (const { kind, ref, timestamp, take } of this.#pending) {
      const outcome = take();
      if (outcome === 'stored') written[kind].stored++;
      else if (outcome === 'duplicate') written[kind].duplicates++;
      else {
        const first = rejected.get(`${kind} ${outcome}`) ?? {
          kind,
          reason: outcome,
          count: 0,
          ref,
          timestamp,
        };
        rejected.set(`${kind} ${outcome}`, { ...first, count: first.count + 1 });
      }
    }
    this.#pending = [];
    return Promise.resolve({
      samples: written.sample,
      histograms: written.histogram,
      exemplars: written.exemplar,
      rejected: [...rejected.values()],
      newSeries: 0,
    });
  }

  rollback(): void {
    this.#pending = [];
  }

  /** Takes everything; when something was rejected, gives everything back. */
  async #commitWhole(): Promise<AppendReport> {
    const restore = this.#sink.snapshot();
    const report = await this.commit();
    if (report.rejected.every(({ kind }) => kind === 'exemplar')) return report;
    restore();
    const nothing = { stored: 0, duplicates: 0 };
    return { ...report, samples: nothing, histograms: nothing, exemplars: nothing };
  }

  #sample(
    kind: AppendKind,
    ref: SeriesRef,
    timestamp: number,
    value: Omit<MemorySample, 'tenant' | 'labels' | 'timestamp'>,
  ): boolean {
    const series = this.#seriesOf(ref);
    if (series === undefined) return false;
    const sample = { tenant: this.#tenant, labels: series.labels, timestamp, ...value };
    this.#pending.push({ kind, ref, timestamp, take: () => this.#sink.take(sample) });
    return true;
  }
}

function startOf(start: number): { start?: number } {
  return start === 0 ? {} : { start };
}

function shownValue(sample: MemorySample): string {
  if (sample.histogram !== undefined) return 'histogram';
  return sample.stale ? 'stale' : `${sample.value}`;
}

function textOf(sample: MemorySample): string {
  if (sample.histogram !== undefined) return Buffer.from(encodeHistogram(sample.histogram)).toString('hex');
  const value = Float64Array.of(sample.value);
  if (sample.stale) writeStaleMarker(value, 0);
  return Buffer.from(value.buffer).toString('hex');
}

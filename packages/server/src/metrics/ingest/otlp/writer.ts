import { CUSTOM_BUCKETS, type Histogram, Labels, METRIC_NAME } from '@pharos/promql';
import type { MetricMetadata, SampleAppender, SeriesRef } from '../../sink.ts';
import { histogramProblem, reducedToFinest, spansOf } from '../histogram-check.ts';
import type { OtlpConfig } from './config.ts';
import { addAttributes, commonLabels, identityLabels, targetInfoLabels } from './labels.ts';
import type {
  ExponentialBuckets,
  ExponentialPoint,
  HistogramPoint,
  NumberPoint,
  OtlpData,
  OtlpEntry,
  OtlpExemplar,
  OtlpMetric,
  OtlpResource,
  SummaryPoint,
} from './model.ts';
import type { Names } from './names.ts';
import { decimalText } from './text.ts';

/** Native histograms need some width around zero; OTLP's 0 means "as narrow as may be". */
const DEFAULT_ZERO_THRESHOLD = 1e-128;
const REASONS_SHOWN = 5;

export interface WriterOptions {
  readonly appender: SampleAppender;
  readonly names: Names;
  readonly config: OtlpConfig;
  readonly describe: (metric: string, metadata: MetricMetadata) => void;
  /** Distance of `target_info` samples within one request, ms. */
  readonly infoInterval: number;
}

/** When the points of a resource were taken. */
interface Span {
  first: number;
  last: number;
}

/** Translates OTLP metrics into series, as Prometheus 3 does, into one appender. */
export class OtlpWriter {
  /** Points that came, and those that could not be taken. */
  points = 0;
  rejected = 0;
  readonly #options: WriterOptions;
  readonly #reasons = new Map<string, number>();
  readonly #resources = new Map<OtlpResource, Span>();
  #common = new Map<string, string>();
  #commonOf: OtlpEntry | null = null;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** What was wrong, shortly; empty when nothing was. */
  get problem(): string {
    const reasons = [...this.#reasons];
    const shown = reasons
      .slice(0, REASONS_SHOWN)
      .map(([reason, count]) => (count > 1 ? `${reason} (${count} points)` : reason));
    const more = reasons.length - shown.length;
    return `${shown.join('; ')}${more > 0 ? `; and ${more} other reasons` : ''}`;
  }

  /** Adds the points of one metric, one at a time: between two of them others may run. */
  *write(entry: OtlpEntry): Generator<void> {
    const { metric, resource } = entry;
    const problem = metricProblem(metric);
    const common = this.#commonLabels(entry);
    const name = this.#describe(metric);
    const { data } = metric;
    if (data.kind === 'none') return;
    for (const point of data.points) {
      this.points++;
      if (problem === null) {
        this.#note(resource, point.time);
        this.#point(name, common, data.kind, point);
      } else this.reject(problem);
      yield;
    }
  }

  /** `target_info` of every resource that had points, from its first to its last time. */
  finish(): void {
    const { names, config, infoInterval, appender } = this.#options;
    for (const [resource, { first, last }] of this.#resources) {
      const labels = targetInfoLabels(resource, names, config);
      if (labels === null || last === 0) continue;
      const ref = appender.resolve(labels);
      if (ref < 0) continue;
      // A request that spans days cannot make a sample for every few minutes of them.
      const from = Math.max(first, last - MOST_INFO_SAMPLES * infoInterval);
      for (let time = from; time < last; time += infoInterval) appender.append(ref, time, 1);
      appender.append(ref, last, 1);
    }
  }

  reject(reason: string): void {
    this.rejected++;
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
  }

  #commonLabels(entry: OtlpEntry): ReadonlyMap<string, string> {
    if (this.#commonOf?.resource !== entry.resource || this.#commonOf.scope !== entry.scope) {
      this.#common = commonLabels(entry.resource, entry.scope, this.#options.names, this.#options.config);
      this.#commonOf = entry;
    }
    return this.#common;
  }

  #note(resource: OtlpResource, time: number): void {
    const span = this.#resources.get(resource);
    if (span === undefined) this.#resources.set(resource, { first: time, last: time });
    else {
      span.first = Math.min(span.first, time);
      span.last = Math.max(span.last, time);
    }
  }

  /** Records what the metric is; its name in Prometheus. */
  #describe({ name, unit, description, data }: OtlpMetric): string {
    const { names, describe } = this.#options;
    const counter = data.kind === 'sum' && data.monotonic;
    const gauge = data.kind === 'gauge' || (data.kind === 'sum' && !data.monotonic);
    const promName = names.metric(name, unit, counter ? 'counter' : gauge ? 'gauge' : 'other');
    if (promName !== '' && metricProblem({ name, unit, description, data }) === null)
      describe(promName, { type: typeOf(data), help: description, unit: names.unit(unit) });
    return promName;
  }

  #point(
    name: string,
    common: ReadonlyMap<string, string>,
    kind: Exclude<OtlpData['kind'], 'none'>,
    point: NumberPoint | HistogramPoint | ExponentialPoint | SummaryPoint,
  ): void {
    const labels = new Map(common);
    // A point's own attributes do not stand in for whose point it is.
    const identity = this.#commonOf === null ? [] : [...identityLabels(this.#commonOf.resource)];
    addAttributes(labels, point.attributes, this.#options.names);
    for (const [label, value] of identity) labels.set(label, value);
    const taken =
      'quantiles' in point
        ? this.#summary(name, labels, point)
        : 'scale' in point
          ? this.#exponential(name, labels, point)
          : 'bounds' in point
            ? this.#histogram(name, labels, point)
            : this.#number(name, labels, point, kind === 'sum' ? point.start : 0);
    if (!taken) this.reject(this.#options.appender.refusal?.message ?? 'the limit of series is reached');
  }

  #number(name: string, labels: Map<string, string>, point: NumberPoint, start: number): boolean {
    const ref = this.#sample(name, labels, point, point.value, start);
    if (ref < 0) return false;
    for (const exemplar of point.exemplars) this.#exemplar(ref, exemplar);
    return true;
  }

  #histogram(name: string, labels: Map<string, string>, point: HistogramPoint): boolean {
    const { bounds, bucketCounts, count, sum } = point;
    if (bucketCounts.length > 0 && bucketCounts.length !== bounds.length + 1) {
      this.reject(`${name}: ${bucketCounts.length} buckets for ${bounds.length} bounds, expected one more`);
      return true;
    }
    if (this.#options.config.convert_histograms_to_nhcb) return this.#customBuckets(name, labels, point);
    let ok = this.#sample(`${name}_count`, labels, point, count, point.start) >= 0;
    if (sum !== null) ok = this.#sample(`${name}_sum`, labels, point, sum, point.start) >= 0 && ok;
    const refs: SeriesRef[] = [];
    let total = 0;
    for (let i = 0; i < bounds.length; i++) {
      total += bucketCounts[i] ?? 0;
      refs.push(this.#bucket(name, labels, point, decimalText(bounds[i]), total));
    }
    refs.push(this.#bucket(name, labels, point, '+Inf', count));
    for (const exemplar of point.exemplars) {
      const at = bounds.findIndex((bound) => exemplar.value <= bound);
      const ref = refs[at < 0 ? bounds.length : at];
      if (ref !== undefined && ref >= 0) this.#exemplar(ref, exemplar);
    }
    return ok && refs.every((ref) => ref >= 0);
  }

  #bucket(
    name: string,
    labels: Map<string, string>,
    point: HistogramPoint,
    le: string,
    count: number,
  ): SeriesRef {
    return this.#sample(`${name}_bucket`, new Map(labels).set('le', le), point, count, point.start);
  }

  #customBuckets(name: string, labels: Map<string, string>, point: HistogramPoint): boolean {
    const counts = Float64Array.from(point.bucketCounts);
    return this.#native(name, labels, point, {
      ...EMPTY_HISTOGRAM,
      schema: CUSTOM_BUCKETS,
      count: point.count,
      sum: point.sum ?? 0,
      positiveSpans: counts.length === 0 ? new Int32Array(0) : Int32Array.of(0, counts.length),
      positiveBuckets: counts,
      customValues: Float64Array.from(point.bounds),
    });
  }

  #exponential(name: string, labels: Map<string, string>, point: ExponentialPoint): boolean {
    const positive = nativeBuckets(point.positive);
    const negative = nativeBuckets(point.negative);
    return this.#native(name, labels, point, {
      ...EMPTY_HISTOGRAM,
      schema: point.scale,
      zeroThreshold: point.zeroThreshold === 0 ? DEFAULT_ZERO_THRESHOLD : point.zeroThreshold,
      zeroCount: point.zeroCount,
      count: point.count,
      sum: point.sum ?? 0,
      positiveSpans: positive.spans,
      positiveBuckets: positive.buckets,
      negativeSpans: negative.spans,
      negativeBuckets: negative.buckets,
    });
  }

  #native(
    name: string,
    labels: Map<string, string>,
    point: HistogramPoint | ExponentialPoint,
    histogram: Histogram,
  ): boolean {
    const { appender } = this.#options;
    const problem = point.noRecordedValue ? null : histogramProblem(histogram, true);
    if (problem !== null) {
      this.reject(`${name}: ${problem}`);
      return true;
    }
    const ref = appender.resolve(Labels.fromMap(new Map(labels).set(METRIC_NAME, name)));
    if (ref < 0) return false;
    if (point.noRecordedValue) appender.appendStale(ref, point.time);
    else appender.appendHistogram(ref, point.time, reducedToFinest(histogram), point.start);
    for (const exemplar of point.exemplars) this.#exemplar(ref, exemplar);
    return true;
  }

  #summary(name: string, labels: Map<string, string>, point: SummaryPoint): boolean {
    let ok = this.#sample(`${name}_count`, labels, point, point.count, point.start) >= 0;
    ok = this.#sample(`${name}_sum`, labels, point, point.sum, point.start) >= 0 && ok;
    for (const { quantile, value } of point.quantiles) {
      const own = new Map(labels).set('quantile', decimalText(quantile));
      ok = this.#sample(name, own, point, value, point.start) >= 0 && ok;
    }
    return ok;
  }

  #sample(
    name: string,
    labels: ReadonlyMap<string, string>,
    point: { readonly time: number; readonly noRecordedValue: boolean },
    value: number,
    start: number,
  ): SeriesRef {
    const { appender } = this.#options;
    const ref = appender.resolve(Labels.fromMap(new Map(labels).set(METRIC_NAME, name)));
    if (ref < 0) return ref;
    if (point.noRecordedValue) appender.appendStale(ref, point.time);
    else appender.append(ref, point.time, value, start);
    return ref;
  }

  #exemplar(ref: SeriesRef, { attributes, time, value, traceId, spanId }: OtlpExemplar): void {
    const labels = new Map<string, string>();
    addAttributes(labels, attributes, this.#options.names);
    if (traceId !== '') labels.set('trace_id', traceId);
    if (spanId !== '') labels.set('span_id', spanId);
    this.#options.appender.appendExemplar(ref, { labels: Labels.fromMap(labels), value, timestamp: time });
  }
}

const MOST_INFO_SAMPLES = 100;

const EMPTY_HISTOGRAM: Histogram = {
  schema: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  count: 0,
  sum: 0,
  positiveSpans: new Int32Array(0),
  positiveBuckets: new Float64Array(0),
  negativeSpans: new Int32Array(0),
  negativeBuckets: new Float64Array(0),
  customValues: new Float64Array(0),
  resetHint: 'unknown',
};

/** Why no point of the metric can be taken, or null. Delta temporality is refused, as Prometheus does by default. */
function metricProblem({ name, data }: OtlpMetric): string | null {
  const shown = JSON.stringify(name.slice(0, 200));
  if (name === '') return 'a metric has no name';
  if (data.kind === 'gauge' || data.kind === 'summary' || data.kind === 'none') return null;
  if (data.temporality === 'cumulative') return null;
  return `metric ${shown} has ${data.temporality} temporality, expected cumulative: set the exporter's temporality preference`;
}

function typeOf(data: OtlpData): MetricMetadata['type'] {
  switch (data.kind) {
    case 'gauge':
      return 'gauge';
    case 'sum':
      return data.monotonic ? 'counter' : 'gauge';
    case 'histogram':
    case 'exponential':
      return 'histogram';
    case 'summary':
      return 'summary';
    case 'none':
      return 'unknown';
  }
}

/** Bucket i of OTLP covers (base^i, base^(i+1)], which is bucket i + 1 in Prometheus; empty ones are left out. */
function nativeBuckets({ offset, counts }: ExponentialBuckets): { spans: Int32Array; buckets: Float64Array } {
  const indices: number[] = [];
  const buckets: number[] = [];
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    indices.push(offset + i + 1);
    buckets.push(counts[i] ?? 0);
  }
  return { spans: spansOf(indices), buckets: Float64Array.from(buckets) };
}

import { Counter, Histogram, type Registry } from 'prom-client';

/**
 * One label set's share of several metrics. prom-client hashes and validates the labels at every observation, which costs more than
 * the rest of the SDK together; here a request is one lookup and a few additions, and prom-client only renders.
 */
export interface Series {
  readonly labels: Readonly<Record<string, string | number>>;
  /** Observations per bucket, the last one for values above all bounds; not cumulative. */
  readonly buckets: number[];
  count: number;
  sum: number;
}

export interface SeriesMetricOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly registry: Registry;
  readonly series: () => Iterable<Series>;
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Rendered once for all samples of a series. */
  readonly sharedLabels: Series['labels'];
  readonly value: number;
}

/** A counter that shows the series' counts. */
export class SeriesCounter extends Counter {
  readonly #series: () => Iterable<Series>;

  constructor({ name, help, labelNames, registry, series }: SeriesMetricOptions) {
    super({ name, help, labelNames: [...labelNames], registers: [registry] });
    this.#series = series;
  }

  override async get(): ReturnType<Counter['get']> {
    const base = await super.get();
    const values = Array.from(this.#series(), ({ labels, count }) => ({
      labels: { ...labels },
      value: count,
    }));
    return { ...base, values };
  }
}

export interface SeriesHistogramOptions extends SeriesMetricOptions {
  /** Upper bounds in the unit of the series. */
  readonly bounds: readonly number[];
  /** What bounds and sums are multiplied with before they are shown: the same series in another unit. */
  readonly scale: number;
}

/** A histogram that shows the series' buckets, cumulatively. */
export class SeriesHistogram extends Histogram {
  readonly #series: () => Iterable<Series>;
  readonly #scale: number;
  readonly #bounds: readonly number[];
  readonly #meta: { readonly name: string; readonly help: string; readonly type: 'histogram' };

  constructor({ name, help, labelNames, registry, series, bounds, scale }: SeriesHistogramOptions) {
    const buckets = bounds.map((bound) => Number((bound * scale).toPrecision(12)));
    super({ name, help, labelNames: [...labelNames], registers: [registry], buckets });
    this.#series = series;
    this.#scale = scale;
    this.#bounds = buckets;
    this.#meta = { name, help, type: 'histogram' };
  }

  /** What the registry renders, as text and, through the base class' `get`, as JSON. */
  async getForPromString(): Promise<object> {
    const { name, help, type } = this.#meta;
    const values = Array.from(this.#series(), (one) => this.#samples(one)).flat();
    return { name, help, type, values, aggregator: 'sum' };
  }

  #samples({ labels, buckets, count, sum }: Series): Sample[] {
    let cumulative = 0;
    const { name } = this.#meta;
    const sample = (suffix: string, own: Sample['labels'], value: number): Sample => ({
      metricName: `${name}_${suffix}`,
      labels: own,
      sharedLabels: labels,
      value,
    });
    const samples = this.#bounds.map((bound, index) => {
      cumulative += buckets[index] ?? 0;
      return sample('bucket', { le: bound }, cumulative);
    });
    return [
      ...samples,
      sample('bucket', { le: '+Inf' }, count),
      sample('sum', {}, sum * this.#scale),
      sample('count', {}, count),
    ];
  }
}

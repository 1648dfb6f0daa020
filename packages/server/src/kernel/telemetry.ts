import { Counter, Gauge, Histogram, Registry } from 'prom-client';

interface MetricSpec {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/**
 * Pharos' own metrics. One instance per process, passed down; each slice declares its metrics once in its
 * telemetry.ts. Label sets must be bounded.
 */
export interface Telemetry {
  counter(spec: MetricSpec): Counter;
  gauge(spec: MetricSpec & { readonly collect?: (gauge: Gauge) => void }): Gauge;
  histogram(spec: MetricSpec & { readonly buckets: readonly number[] }): Histogram;
  /** Exposition text of everything declared. */
  expose(): Promise<string>;
  readonly contentType: string;
}

export function createTelemetry(): Telemetry {
  const registry = new Registry();
  const base = (spec: MetricSpec) => ({
    name: spec.name,
    help: spec.help,
    labelNames: [...(spec.labels ?? [])],
    registers: [registry],
  });
  return {
    counter: (spec) => new Counter(base(spec)),
    gauge: (spec) => {
      const collect = spec.collect;
      const options = base(spec);
      if (collect === undefined) return new Gauge(options);
      return new Gauge({
        ...options,
        collect() {
          collect(this);
        },
      });
    },
    histogram: (spec) => new Histogram({ ...base(spec), buckets: [...spec.buckets] }),
    expose: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

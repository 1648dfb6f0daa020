import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { z } from 'zod';
import { Queues } from './queues.ts';

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
  counter(spec: MetricSpec & { readonly collect?: (counter: Counter) => void }): Counter;
  /** `value` is asked each time somebody looks; `collect` sets more than one. */
  gauge(
    spec: MetricSpec & { readonly collect?: (gauge: Gauge) => void; readonly value?: () => number },
  ): Gauge;
  histogram(
    spec: MetricSpec & {
      readonly buckets: readonly number[];
      readonly collect?: (histogram: Histogram) => void;
    },
  ): Histogram;
  /** Where each slice publishes its queues, beside the metrics that tell of them. */
  readonly queues: Queues;
  /** Exposition text of everything declared. */
  expose(): Promise<string>;
  readonly contentType: string;
  /** The same as data. */
  families(): Promise<readonly MetricFamily[]>;
}

/** One of our own metrics with its samples; a histogram's are flat: `x_bucket`, `x_sum`, `x_count`. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
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
    counter: (spec) => {
      const collect = spec.collect;
      const options = base(spec);
      if (collect === undefined) return new Counter(options);
      return new Counter({
        ...options,
        collect() {
          collect(this);
        },
      });
    },
    gauge: (spec) => {
      const { value } = spec;
      const collect = value === undefined ? spec.collect : (gauge: Gauge) => gauge.set(value());
      const options = base(spec);
      if (collect === undefined) return new Gauge(options);
      return new Gauge({
        ...options,
        collect() {
          collect(this);
        },
      });
    },
    histogram: (spec) => {
      const { collect } = spec;
      const options = { ...base(spec), buckets: [...spec.buckets] };
      if (collect === undefined) return new Histogram(options);
      return new Histogram({
        ...options,
        collect() {
          collect(this);
        },
      });
    },
    queues: new Queues(),
    expose: () => registry.metrics(),
    contentType: registry.contentType,
    families: async () => familiesOf(await registry.getMetricsAsJSON()),
  };
}

/** prom-client types its JSON loosely: values of histograms carry their own name. */
const gathered = z.array(
  z.object({
    name: z.string(),
    help: z.string(),
    type: z.enum(['counter', 'gauge', 'histogram']),
    values: z.array(
      z.object({
        metricName: z.string().optional(),
        value: z.number(),
        labels: z.record(z.string(), z.union([z.string(), z.number()])),
      }),
    ),
  }),
);

function familiesOf(content: unknown): MetricFamily[] {
  return gathered.parse(content).map(({ name, help, type, values }) => ({
    name,
    help,
    type,
    samples: values.map(({ metricName, value, labels }) => ({
      name: metricName ?? name,
      value,
      labels: Object.fromEntries(Object.entries(labels).map(([key, text]) => [key, String(text)])),
    })),
  }));
}

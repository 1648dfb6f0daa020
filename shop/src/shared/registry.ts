import type { Registry } from 'prom-client';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { MetricFactory } from './metrics.ts';

/** Makes the shop's metrics in the SDK's registry, beside the SDK's own. */
export function metricFactory(registry: Registry): MetricFactory {
  const registers = [registry];
  return {
    counter: (name, help, labelNames = []) => {
      const counter = new Counter({ name, help, labelNames, registers });
      return { inc: (labels, by = 1) => counter.inc(labels, by) };
    },
    gauge: (name, help, labelNames = []) => {
      const gauge = new Gauge({ name, help, labelNames, registers });
      return {
        set: (labels, value) => gauge.set(labels, value),
        inc: (labels, by = 1) => gauge.inc(labels, by),
        remove: (labels) => gauge.remove(labels),
      };
    },
    histogram: (name, help, labelNames, buckets) => {
      const histogram = new Histogram({ name, help, labelNames, buckets: [...buckets], registers });
      return { observe: (labels, value) => histogram.observe(labels, value) };
    },
  };
}

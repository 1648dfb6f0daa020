import type { MetricMetadata } from '../sink.ts';

/** `MetricMetadata.MetricType` of 1.0 and `Metadata.MetricType` of 2.0: the same numbers. */
export const METADATA_TYPES: Readonly<Record<MetricMetadata['type'], number>> = {
  unknown: 0,
  counter: 1,
  gauge: 2,
  histogram: 3,
  gaugehistogram: 4,
  summary: 5,
  info: 6,
  stateset: 7,
};

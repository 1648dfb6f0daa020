import type { OtlpScope } from '../../../kernel/wire/otlp.ts';
import type { OtlpAttributes } from '../../../kernel/wire/otlp-attributes.ts';

/** OTLP metrics as both encodings are read: times in ms, 0 for unknown; points one by one, so that a large request can be sliced. */
export interface OtlpResource {
  readonly attributes: OtlpAttributes;
}

export interface OtlpMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly data: OtlpData;
}

export type OtlpData =
  | { readonly kind: 'gauge'; readonly points: Iterable<NumberPoint> }
  | {
      readonly kind: 'sum';
      readonly temporality: Temporality;
      readonly monotonic: boolean;
      readonly points: Iterable<NumberPoint>;
    }
  | {
      readonly kind: 'histogram';
      readonly temporality: Temporality;
      readonly points: Iterable<HistogramPoint>;
    }
  | {
      readonly kind: 'exponential';
      readonly temporality: Temporality;
      readonly points: Iterable<ExponentialPoint>;
    }
  | { readonly kind: 'summary'; readonly points: Iterable<SummaryPoint> }
  | { readonly kind: 'none' };

export type Temporality = 'unspecified' | 'delta' | 'cumulative';

interface Point {
  readonly attributes: OtlpAttributes;
  readonly start: number;
  readonly time: number;
  /** The source has no value any more: a staleness marker. */
  readonly noRecordedValue: boolean;
  readonly exemplars: readonly OtlpExemplar[];
}

export interface NumberPoint extends Point {
  readonly value: number;
}

export interface HistogramPoint extends Point {
  readonly count: number;
  /** Null when not sent. */
  readonly sum: number | null;
  readonly bucketCounts: readonly number[];
  readonly bounds: readonly number[];
}

export interface ExponentialPoint extends Point {
  readonly count: number;
  readonly sum: number | null;
  readonly scale: number;
  readonly zeroCount: number;
  readonly zeroThreshold: number;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
}

export interface ExponentialBuckets {
  readonly offset: number;
  readonly counts: readonly number[];
}

export interface SummaryPoint extends Point {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly { readonly quantile: number; readonly value: number }[];
}

export interface OtlpExemplar {
  readonly attributes: OtlpAttributes;
  readonly time: number;
  readonly value: number;
  /** Hex; empty for none. */
  readonly traceId: string;
  readonly spanId: string;
}

/** One metric with where it comes from. */
export interface OtlpEntry {
  readonly resource: OtlpResource;
  readonly scope: OtlpScope;
  readonly metric: OtlpMetric;
}

const TEMPORALITIES: readonly Temporality[] = ['unspecified', 'delta', 'cumulative'];

export function temporalityOf(sent: number): Temporality {
  return TEMPORALITIES[sent] ?? 'unspecified';
}

/** The flag of a point without a value (DataPointFlags). */
export const NO_RECORDED_VALUE = 1;

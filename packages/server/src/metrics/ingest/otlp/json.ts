import { parseExportJson } from '../../../http/otlp/messages.ts';
import { jsonText, scopeFromJson } from '../../../kernel/wire/otlp.ts';
import { attributesFromJson, fieldOf, listOf } from '../../../kernel/wire/otlp-attributes.ts';
import {
  type ExponentialBuckets,
  type ExponentialPoint,
  type HistogramPoint,
  NO_RECORDED_VALUE,
  type NumberPoint,
  type OtlpData,
  type OtlpEntry,
  type OtlpExemplar,
  type OtlpMetric,
  type SummaryPoint,
  type Temporality,
  temporalityOf,
} from './model.ts';

/**
 * The metrics of an ExportMetricsServiceRequest in OTLP's JSON (OT-3): lowerCamelCase names, 64-bit numbers as numbers or texts, ids
 * in hex, unknown fields ignored. Throws `otlp.malformed` for what is no JSON object.
 */
export function* metricsFromJson(text: string): Generator<OtlpEntry> {
  const request = parseExportJson(text, 'resourceMetrics');
  for (const group of listOf(fieldOf(request, 'resourceMetrics'))) {
    const resource = { attributes: attributesFromJson(fieldOf(fieldOf(group, 'resource'), 'attributes')) };
    for (const part of listOf(fieldOf(group, 'scopeMetrics'))) {
      const scope = scopeFromJson(part);
      for (const metric of listOf(fieldOf(part, 'metrics')))
        yield { resource, scope, metric: metricOf(metric) };
    }
  }
}

function metricOf(json: unknown): OtlpMetric {
  return {
    name: jsonText(json, 'name'),
    description: jsonText(json, 'description'),
    unit: jsonText(json, 'unit'),
    data: dataOf(json),
  };
}

function dataOf(json: unknown): OtlpData {
  const points = <Point>(data: unknown, read: (point: unknown) => Point): Iterable<Point> =>
    mapped(listOf(fieldOf(data, 'dataPoints')), read);
  const gauge = fieldOf(json, 'gauge');
  if (gauge !== undefined) return { kind: 'gauge', points: points(gauge, numberPoint) };
  const sum = fieldOf(json, 'sum');
  if (sum !== undefined) {
    const monotonic = fieldOf(sum, 'isMonotonic') === true;
    return { kind: 'sum', temporality: temporality(sum), monotonic, points: points(sum, numberPoint) };
  }
  const histogram = fieldOf(json, 'histogram');
  if (histogram !== undefined)
    return {
      kind: 'histogram',
      temporality: temporality(histogram),
      points: points(histogram, histogramPoint),
    };
  const exponential = fieldOf(json, 'exponentialHistogram');
  if (exponential !== undefined)
    return {
      kind: 'exponential',
      temporality: temporality(exponential),
      points: points(exponential, exponentialPoint),
    };
  const summary = fieldOf(json, 'summary');
  if (summary !== undefined) return { kind: 'summary', points: points(summary, summaryPoint) };
  return { kind: 'none' };
}

function* mapped<Point>(list: readonly unknown[], read: (point: unknown) => Point): Generator<Point> {
  for (const one of list) yield read(one);
}

function temporality(json: unknown): Temporality {
  return temporalityOf(numberOf(json, 'aggregationTemporality'));
}

function pointOf(json: unknown) {
  return {
    attributes: attributesFromJson(fieldOf(json, 'attributes')),
    start: millisOf(json, 'startTimeUnixNano'),
    time: millisOf(json, 'timeUnixNano'),
    noRecordedValue: (numberOf(json, 'flags') & NO_RECORDED_VALUE) !== 0,
    exemplars: listOf(fieldOf(json, 'exemplars')).map(exemplarOf),
  };
}

function numberPoint(json: unknown): NumberPoint {
  return { ...pointOf(json), value: valueOf(json) };
}

function histogramPoint(json: unknown): HistogramPoint {
  return {
    ...pointOf(json),
    count: numberOf(json, 'count'),
    sum: optional(json, 'sum'),
    bucketCounts: listOf(fieldOf(json, 'bucketCounts')).map(toNumber),
    bounds: listOf(fieldOf(json, 'explicitBounds')).map(toNumber),
  };
}

function exponentialPoint(json: unknown): ExponentialPoint {
  return {
    ...pointOf(json),
    count: numberOf(json, 'count'),
    sum: optional(json, 'sum'),
    scale: numberOf(json, 'scale'),
    zeroCount: numberOf(json, 'zeroCount'),
    zeroThreshold: numberOf(json, 'zeroThreshold'),
    positive: bucketsOf(fieldOf(json, 'positive')),
    negative: bucketsOf(fieldOf(json, 'negative')),
  };
}

function bucketsOf(json: unknown): ExponentialBuckets {
  return { offset: numberOf(json, 'offset'), counts: listOf(fieldOf(json, 'bucketCounts')).map(toNumber) };
}

function summaryPoint(json: unknown): SummaryPoint {
  return {
    ...pointOf(json),
    count: numberOf(json, 'count'),
    sum: numberOf(json, 'sum'),
    quantiles: listOf(fieldOf(json, 'quantileValues')).map((entry) => ({
      quantile: numberOf(entry, 'quantile'),
      value: numberOf(entry, 'value'),
    })),
  };
}

function exemplarOf(json: unknown): OtlpExemplar {
  return {
    attributes: attributesFromJson(fieldOf(json, 'filteredAttributes')),
    time: millisOf(json, 'timeUnixNano'),
    value: valueOf(json),
    traceId: jsonText(json, 'traceId').toLowerCase(),
    spanId: jsonText(json, 'spanId').toLowerCase(),
  };
}

function valueOf(json: unknown): number {
  const double = fieldOf(json, 'asDouble');
  return double === undefined ? numberOf(json, 'asInt') : toNumber(double);
}

function numberOf(json: unknown, name: string): number {
  return toNumber(fieldOf(json, name) ?? 0);
}

function optional(json: unknown, name: string): number | null {
  const value = fieldOf(json, name);
  return value === undefined ? null : toNumber(value);
}

/** Protobuf's JSON writes 64-bit and special numbers as texts: "12", "NaN", "Infinity". */
function toNumber(value: unknown): number {
  return typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
}

const NANOS = /^\d{1,20}$/;

/** Nanoseconds pass 2^53: a text is cut to milliseconds before it becomes a number. */
function millisOf(json: unknown, name: string): number {
  const value = fieldOf(json, name);
  if (typeof value === 'number') return Math.floor(value / 1_000_000);
  return typeof value === 'string' && NANOS.test(value) ? Number(value.slice(0, -6)) : 0;
}

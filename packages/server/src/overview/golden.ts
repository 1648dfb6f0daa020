import type { ServiceNames } from '../kernel/names.ts';
import { OUTSIDE_TRAFFIC } from '../kernel/traffic.ts';
import { type Grid, gridLength, type InstantValue, type PromReader, type RangeValues } from './reader.ts';

/**
 * The golden signals of every service, asked from the series that the SDK and pushed reports write.
 * Latencies in seconds, rates per second, ratios 0..1; null where there is no traffic to tell from.
 */
export interface Golden {
  readonly requestRate: number | null;
  readonly errorRate: number | null;
  readonly errorRatio: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export const NO_GOLDEN: Golden = {
  requestRate: null,
  errorRate: null,
  errorRatio: null,
  p50: null,
  p95: null,
  p99: null,
};

const BY = 'service, job';
export const REQUESTS = `http_requests_total{${OUTSIDE_TRAFFIC}}`;
export const FAILED = `http_requests_total{${OUTSIDE_TRAFFIC}, status=~"5.."}`;
const LATENCY = `http_request_duration_seconds_bucket{${OUTSIDE_TRAFFIC}}`;

export function rateOf(selector: string, window: string, by = BY): string {
  return `sum by (${by}) (rate(${selector}[${window}]))`;
}

export function quantileOf(q: number, window: string, by = BY): string {
  return `histogram_quantile(${q}, sum by (${by === '' ? 'le' : `${by}, le`}) (rate(${LATENCY}[${window}])))`;
}

export function serviceOf(names: ServiceNames, series: Pick<InstantValue, 'label'>): string {
  return names.of(series.label) ?? '';
}

const QUANTILES = [0.5, 0.95, 0.99] as const;

/** All services and the totals, at one time over one window (Prometheus duration text). */
export async function goldenAt(
  reader: PromReader,
  names: ServiceNames,
  tenant: string,
  window: string,
  time: number,
): Promise<{ readonly totals: Golden; readonly services: ReadonlyMap<string, Golden> }> {
  const ask = (query: string): Promise<readonly InstantValue[]> => reader.instant(tenant, query, time);
  const [requests, failed, ...quantiles] = await Promise.all([
    ask(rateOf(REQUESTS, window)),
    ask(rateOf(FAILED, window)),
    ...QUANTILES.map((q) => ask(quantileOf(q, window))),
    ...QUANTILES.map((q) => ask(quantileOf(q, window, ''))),
  ]);
  const rates = sumBy(names, requests);
  const errors = sumBy(names, failed);
  const latencies = quantiles.slice(0, 3).map((values) => maxBy(names, values));
  const services = new Map<string, Golden>();
  for (const [service, requestRate] of rates) {
    services.set(
      service,
      golden(
        requestRate,
        errors.get(service) ?? 0,
        latencies.map((by) => by.get(service) ?? null),
      ),
    );
  }
  const total = (values: ReadonlyMap<string, number>): number =>
    [...values.values()].reduce((sum, value) => sum + value, 0);
  const totals =
    rates.size === 0
      ? NO_GOLDEN
      : golden(
          total(rates),
          total(errors),
          quantiles.slice(3).map((values) => finite(values[0]?.value)),
        );
  return { totals, services };
}

function golden(
  requestRate: number,
  errorRate: number,
  [p50 = null, p95 = null, p99 = null]: readonly (number | null)[],
): Golden {
  return {
    requestRate,
    errorRate,
    errorRatio: requestRate > 0 ? errorRate / requestRate : null,
    p50,
    p95,
    p99,
  };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

export function sumBy(names: ServiceNames, values: readonly InstantValue[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const series of values) {
    const service = serviceOf(names, series);
    if (service !== '' && Number.isFinite(series.value))
      sums.set(service, (sums.get(service) ?? 0) + series.value);
  }
  return sums;
}

/** Where one service comes under several label sets, its worst value counts. */
export function maxBy(names: ServiceNames, values: readonly InstantValue[]): Map<string, number> {
  const worst = new Map<string, number>();
  for (const series of values) {
    const service = serviceOf(names, series);
    if (service !== '' && Number.isFinite(series.value))
      worst.set(service, Math.max(worst.get(service) ?? -Infinity, series.value));
  }
  return worst;
}

/** A line on a step grid; null where there is no value, so that gaps stay gaps. */
export type Line = (number | null)[];

/** Range answers joined per service: values of one service's label sets are combined step by step. */
export function linesBy(
  names: ServiceNames,
  series: readonly RangeValues[],
  grid: Grid,
  combine: (a: number, b: number) => number,
): Map<string, Line> {
  const lines = new Map<string, Line>();
  for (const one of series) {
    const service = serviceOf(names, one);
    if (service === '') continue;
    const line = lines.get(service) ?? Array.from<number | null>({ length: gridLength(grid) }).fill(null);
    lines.set(service, line);
    one.values.forEach((value, i) => {
      if (!Number.isFinite(value)) return;
      const before = line[i] ?? null;
      line[i] = before === null ? value : combine(before, value);
    });
  }
  return lines;
}

export const add = (a: number, b: number): number => a + b;

/** Failed over all, step by step. */
export function ratioLine(failed: Line | undefined, all: Line): Line {
  return all.map((requests, i) =>
    requests === null || requests <= 0 ? null : (failed?.[i] ?? 0) / requests,
  );
}

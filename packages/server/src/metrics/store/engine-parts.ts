import {
  dateTime64,
  inList,
  MAX_LIST,
  type Sql,
  sql,
  tenant as tenantHole,
  uint64,
} from '../../engine/index.ts';
import { metricsErrors } from '../errors.ts';
import type { SeriesKey } from './series-key.ts';

export interface EngineRead {
  readonly tenant: string;
  readonly keys: readonly SeriesKey[];
  /** Inclusive times in ms. */
  readonly from: number;
  readonly to: number;
  readonly maxSamples: number;
  /** Whether start times are wanted. */
  readonly starts: boolean;
}

/** A part of a read: some metrics, and either a list of series or a range of the hash. */
export interface Part {
  readonly metrics: readonly number[];
  /** Null: all series of the metrics. */
  readonly series: readonly bigint[] | null;
}

export function tooMany(limit: number): Error {
  return metricsErrors.make(
    'tooManySamples',
    `query processing would load too many samples into memory in query execution (limit ${limit})`,
  );
}

export function optionsOf(tenant: string, signal: AbortSignal | undefined) {
  return { purpose: 'metrics.samples', tenant, ...(signal === undefined ? {} : { signal }) };
}

export function partsOf(keys: readonly SeriesKey[]): Part[] {
  const byMetric = new Map<number, bigint[]>();
  for (const key of keys) {
    let series = byMetric.get(key.metric);
    if (series === undefined) byMetric.set(key.metric, (series = []));
    series.push((BigInt(key.high) << 32n) | BigInt(key.low));
  }
  const parts: Part[] = [];
  let metrics: number[] = [];
  let series = new Set<bigint>();
  const flush = (): void => {
    if (metrics.length > 0) parts.push({ metrics, series: [...series] });
    metrics = [];
    series = new Set();
  };
  for (const [metric, ids] of byMetric) {
    if (ids.length > MAX_LIST) {
      parts.push({ metrics: [metric], series: null });
      continue;
    }
    // Metrics of one target share their label hashes, so the union grows slowly; rows of the product that
    // nobody asked for are dropped on arrival.
    const union = new Set([...series, ...ids]);
    if (union.size > MAX_LIST || metrics.length >= MAX_LIST) flush();
    metrics.push(metric);
    for (const id of ids) series.add(id);
  }
  flush();
  return parts;
}

export function conditionOf(part: Part, request: Pick<EngineRead, 'from' | 'to'>): Sql {
  const series = part.series === null ? sql`` : sql` AND series IN ${inList(part.series)}`;
  return sql`tenant = ${tenantHole} AND metric IN ${inList(part.metrics)}${series} AND ts >= ${dateTime64(request.from)} AND ts <= ${dateTime64(request.to)}`;
}

const WHOLE = 2n ** 64n;

/** The `cut`-th of `cuts` equal ranges of the label hash, as a further condition; nothing when there is only one. */
export function hashRange(cut: number, cuts: number): Sql {
  if (cuts === 1) return sql``;
  const width = WHOLE / BigInt(cuts);
  const from = width * BigInt(cut);
  if (cut === cuts - 1) return sql` AND series >= ${uint64(from)}`;
  return sql` AND series >= ${uint64(from)} AND series < ${uint64(from + width)}`;
}

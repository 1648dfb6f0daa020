import { day, type Engine, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { DAY_MS } from '../store/rows.ts';
import { seriesTable } from '../tables.ts';

/** Rows looked at for one answer; with more, one series in 2, 4, 8 … stands for the others, chosen by its hash. */
const MOST_ROWS = 1_000_000;

interface GrowthDay {
  /** Midnight UTC, ms. */
  readonly start: number;
  /** Series that had a sample on the day. */
  readonly series: number;
  /** Of them not seen on the days before it, as far back as the window goes. */
  readonly fresh: number;
}

export interface Growth {
  readonly days: readonly GrowthDay[];
  /** Metrics by series that are new on the last day. */
  readonly metrics: readonly {
    readonly name: string;
    readonly series: number;
    readonly fresh: number;
    readonly ended: number;
  }[];
  /** 1: exact; n: estimated from one series in n. */
  readonly sampled: number;
}

export interface GrowthQuestion {
  readonly tenant: string;
  /** The last day of the window, as days since 1970. */
  readonly today: number;
  readonly days: number;
  readonly most: number;
}

/**
 * Series by day from the stored label sets. One day more than asked for is read, so that the first shown day has a day before it.
 * @throws an engine error while the engine is not there.
 */
export async function readGrowth(
  engine: Engine,
  question: GrowthQuestion,
  signal?: AbortSignal,
): Promise<Growth> {
  const { tenant, today, days, most } = question;
  const first = Math.max(0, today - days);
  const options = { purpose: 'metrics.cardinality', tenant, ...(signal === undefined ? {} : { signal }) };
  const inWindow = sql`tenant = ${tenantHole} AND day BETWEEN ${day(first)} AND ${day(today)}`;
  const counted = await engine.query(
    sql`SELECT toFloat64(count()) AS rows FROM ${table(seriesTable)} WHERE ${inWindow}`,
    options,
  );
  const sampled = 2 ** Math.max(0, Math.ceil(Math.log2((counted.numbers('rows')[0] ?? 0) / MOST_ROWS)));
  // The hash's own bits choose, so that every day and every question looks at the same series.
  const lives = sql`SELECT name, metric, series, min(day) AS first, max(day) AS last FROM ${table(seriesTable)}
    WHERE ${inWindow} AND bitAnd(series, ${sampled - 1}) = 0 GROUP BY name, metric, series`;
  const perDay = await engine.query(
    sql`SELECT toFloat64(toUInt16(day)) AS number, toFloat64(uniqExact(metric, series)) AS found
      FROM ${table(seriesTable)} WHERE ${inWindow} AND bitAnd(series, ${sampled - 1}) = 0 GROUP BY day ORDER BY day`,
    options,
  );
  const arrivals = await engine.query(
    sql`SELECT toFloat64(toUInt16(first)) AS number, toFloat64(count()) AS found FROM (${lives}) GROUP BY first`,
    options,
  );
  const metrics = await engine.query(
    sql`SELECT name, toFloat64(count()) AS found, toFloat64(countIf(first = ${day(today)})) AS fresh,
        toFloat64(countIf(last < ${day(today)})) AS ended
      FROM (${lives}) GROUP BY name ORDER BY fresh DESC, found DESC, name LIMIT ${most}`,
    options,
  );
  const freshOn = new Map<number, number>();
  const found = arrivals.numbers('found');
  arrivals.numbers('number').forEach((number, row) => freshOn.set(number, found[row] * sampled));
  const seriesOn = new Map<number, number>();
  const present = perDay.numbers('found');
  perDay.numbers('number').forEach((number, row) => seriesOn.set(number, present[row] * sampled));
  const shown = Array.from({ length: days }, (_, index) => today - days + 1 + index);
  const [counts, fresh, ended] = ['found', 'fresh', 'ended'].map((column) => metrics.numbers(column));
  return {
    days: shown.map((number) => ({
      start: number * DAY_MS,
      series: seriesOn.get(number) ?? 0,
      fresh: freshOn.get(number) ?? 0,
    })),
    metrics: metrics.strings('name').map((name, row) => ({
      name,
      series: (counts?.[row] ?? 0) * sampled,
      fresh: (fresh?.[row] ?? 0) * sampled,
      ended: (ended?.[row] ?? 0) * sampled,
    })),
    sampled,
  };
}

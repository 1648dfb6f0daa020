import type { BucketColumns, BucketField, BucketGrid } from '@pharos/promql';
import { type Engine, identifier, join, type Sql, sql, table } from '../../engine/index.ts';
import { conditionOf, hashRange, optionsOf, partsOf, tooMany } from '../store/engine-parts.ts';
import { KeyTable } from '../store/head/key-table.ts';
import type { SeriesKey } from '../store/series-key.ts';
import { samplesTable } from '../tables.ts';
import { takeBuckets } from './reader.ts';

/** Samples summed up by one statement: bounds its memory and its time. */
const SAMPLES_PER_READ = 4_000_000;

/** Every column as Float64, of the samples of one bucket; `t` is the time in ms, `stale` whether it is a staleness marker. */
const EXPRESSIONS: Readonly<Partial<Record<BucketField, Sql>>> = {
  ends: sql`toFloat64(bucket)`,
  count: sql`toFloat64(countIf(NOT stale))`,
  min: sql`if(countIf(NOT isNaN(value)) = 0, nan, minIf(value, NOT isNaN(value)))`,
  max: sql`if(countIf(NOT isNaN(value)) = 0, nan, maxIf(value, NOT isNaN(value)))`,
  // Compensation loses its way at infinities.
  sum: sql`if(isFinite(sumIf(value, NOT stale)), sumKahanIf(value, NOT stale), sumIf(value, NOT stale))`,
  first: sql`argMinIf(value, t, NOT stale)`,
  firstTime: sql`toFloat64(minIf(t, NOT stale))`,
  last: sql`argMaxIf(value, t, NOT stale)`,
  lastTime: sql`toFloat64(maxIf(t, NOT stale))`,
  staleTime: sql`if(maxIf(t, stale) > maxIf(t, NOT stale), toFloat64(maxIf(t, stale)), 0.)`,
};

/** Whether the engine can tell these columns without looking at samples in their order, which costs more than sending them. */
export function canSumUp(fields: readonly BucketField[]): boolean {
  return fields.every((field) => EXPRESSIONS[field] !== undefined);
}

export interface SampleBucketsRead {
  readonly tenant: string;
  readonly keys: readonly SeriesKey[];
  readonly grid: BucketGrid;
  /** Buckets that end in `(open, close]`, both ends of buckets, ms. */
  readonly open: number;
  readonly close: number;
  readonly fields: readonly BucketField[];
  /** Buckets one read may bring. */
  readonly most: number;
}

/**
 * Samples as buckets, summed up by the engine: one window per key, or undefined where there is none. Samples that are stored twice
 * count twice: only for days that have none.
 */
export async function readSampleBuckets(
  engine: Engine,
  request: SampleBucketsRead,
  signal?: AbortSignal,
): Promise<(BucketColumns | undefined)[]> {
  const { keys, tenant, grid, open, close, fields, most } = request;
  const wanted = new KeyTable();
  keys.forEach((key, i) => wanted.add(key, i + 1));
  const found: (BucketColumns | undefined)[] = Array.from({ length: keys.length }, () => undefined);
  const options = { ...optionsOf(tenant, signal), purpose: 'metrics.buckets' };
  let left = most;
  for (const part of partsOf(keys)) {
    const where = conditionOf(part, { from: open + 1, to: close });
    const counted = await engine.query(
      sql`SELECT count() AS n FROM ${table(samplesTable)} WHERE ${where}`,
      options,
    );
    const cuts = Math.max(1, Math.ceil((counted.numbers('n')[0] ?? 0) / SAMPLES_PER_READ));
    for (let cut = 0; cut < cuts; cut++) {
      const block = await engine.query(select(sql`${where}${hashRange(cut, cuts)}`, grid, fields), options);
      left -= takeBuckets(block, fields, wanted, found);
      if (left < 0) throw tooMany(most);
    }
  }
  return found;
}

function select(where: Sql, { resolution, phase }: BucketGrid, fields: readonly BucketField[]): Sql {
  const computed = fields.map(
    (field) => sql`${EXPRESSIONS[field] ?? sql`0.`} AS ${identifier(`c_${field}`)}`,
  );
  const grouped = fields.map(
    (field) => sql`groupArray(${identifier(`c_${field}`)}) AS ${identifier(`b_${field}`)}`,
  );
  // Times are positive and the phase is below the width, so the division rounds towards the end of the bucket.
  return sql`SELECT metric, series, ${join(grouped, ', ')} FROM (
      SELECT metric, series, bucket, ${join(computed, ', ')} FROM (
        SELECT metric, series, value, toUnixTimestamp64Milli(ts) AS t,
          reinterpretAsUInt64(value) = 9218868437227405314 AS stale,
          intDiv(t - ${phase} + ${resolution - 1}, ${resolution}) * ${resolution} + ${phase} AS bucket
        FROM ${table(samplesTable)} WHERE ${where})
      GROUP BY metric, series, bucket ORDER BY metric, series, bucket)
    GROUP BY metric, series`;
}

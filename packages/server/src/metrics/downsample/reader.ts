import { type BucketColumns, type BucketField, emptyBuckets, Labels } from '@pharos/promql';
import {
  type ColumnBlock,
  dateTime64,
  type Engine,
  identifier,
  inList,
  join,
  type Sql,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import { hashRange, type Part, partsOf, tooMany } from '../store/engine-parts.ts';
import { arrayColumn } from '../store/engine-windows.ts';
import { KeyTable } from '../store/head/key-table.ts';
import type { SeriesKey } from '../store/series-key.ts';
import { keyWords } from '../store/series-lookup.ts';
import { pickBuckets } from './pick.ts';
import type { Resolution } from './resolutions.ts';

/** Of at most 13 numbers of 8 bytes each: an answer stays well under the engine's 64 MB. */
const NUMBERS_PER_READ = 4_000_000;
/** Below this many expected rows it is not worth counting first. */
const NO_COUNT_NEEDED = 50_000;

export interface BucketRead {
  readonly tenant: string;
  readonly keys: readonly SeriesKey[];
  readonly resolution: Resolution;
  /** Buckets that end in `(open, close]`, both ends of buckets, ms. */
  readonly open: number;
  readonly close: number;
  /** The runs that count. */
  readonly runs: readonly number[];
  /** The columns wanted, ends among them; the others come empty. */
  readonly fields: readonly BucketField[];
  /** Rows one read may bring. */
  readonly most: number;
}

/** Buckets by key, one window each or undefined where there is none. Labels are not filled in. */
export async function readBuckets(
  engine: Engine,
  request: BucketRead,
  signal?: AbortSignal,
): Promise<(BucketColumns | undefined)[]> {
  const { keys, tenant, most } = request;
  const wanted = new KeyTable();
  keys.forEach((key, i) => wanted.add(key, i + 1));
  const found: (BucketColumns | undefined)[] = Array.from({ length: keys.length }, () => undefined);
  if (request.runs.length === 0 || request.close <= request.open) return found;
  const options = { purpose: 'metrics.buckets', tenant, ...(signal === undefined ? {} : { signal }) };
  let left = most;
  for (const part of partsOf(keys)) {
    const where = conditionOf(part, request);
    const expected = ((part.series?.length ?? 1e6) * (request.close - request.open)) / request.resolution.ms;
    const counted = expected < NO_COUNT_NEEDED ? 0 : await count(engine, where, request, options);
    const cuts = Math.max(1, Math.ceil((counted * request.fields.length) / NUMBERS_PER_READ));
    for (let cut = 0; cut < cuts; cut++) {
      const block = await engine.query(select(sql`${where}${hashRange(cut, cuts)}`, request), options);
      left -= takeBuckets(block, request.fields, wanted, found);
      if (left < 0) throw tooMany(most);
    }
  }
  return found;
}

type Options = Parameters<Engine['query']>[1];

async function count(engine: Engine, where: Sql, request: BucketRead, options: Options): Promise<number> {
  const { table: spec } = request.resolution;
  const block = await engine.query(sql`SELECT count() AS n FROM ${table(spec)} WHERE ${where}`, options);
  return block.numbers('n')[0] ?? 0;
}

function conditionOf({ metrics, series }: Part, { resolution, open, close, runs }: BucketRead): Sql {
  const ids = series === null ? sql`` : sql` AND series IN ${inList(series)}`;
  return sql`tenant = ${tenantHole} AND metric IN ${inList(metrics)}${ids}
    AND open >= ${dateTime64(open)} AND open <= ${dateTime64(close - resolution.ms)} AND run IN ${inList(runs)}`;
}

/** Every column as Float64; times absolute, in ms. */
const EXPRESSIONS: Readonly<Record<BucketField, (resolution: number) => Sql>> = {
  ends: (resolution) => sql`begin + ${resolution}`,
  count: () => sql`toFloat64(count)`,
  min: () => sql`min`,
  max: () => sql`max`,
  sum: () => sql`sum`,
  first: () => sql`first`,
  firstTime: () => sql`begin + first_after`,
  last: () => sql`last`,
  lastTime: () => sql`begin + last_after`,
  dropped: () => sql`dropped`,
  resets: () => sql`toFloat64(resets)`,
  changes: () => sql`toFloat64(changes)`,
  staleTime: () => sql`if(stale_after = 0, 0., begin + stale_after)`,
};

function select(where: Sql, { resolution, fields }: BucketRead): Sql {
  const columns = fields.map(
    (field) => sql`groupArray(${EXPRESSIONS[field](resolution.ms)}) AS ${identifier(`b_${field}`)}`,
  );
  return sql`SELECT metric, series, ${join(columns, ', ')}
    FROM (SELECT *, toFloat64(toUnixTimestamp64Milli(open)) AS begin FROM ${table(resolution.table)}
      WHERE ${where} ORDER BY metric, series, open)
    GROUP BY metric, series`;
}

/** Files the rows under their keys; answers how many buckets came. */
export function takeBuckets(
  block: ColumnBlock,
  fields: readonly BucketField[],
  wanted: KeyTable,
  found: (BucketColumns | undefined)[],
): number {
  if (block.rows === 0) return 0;
  const metrics = block.numbers('metric');
  const words = keyWords(block.column('series'));
  const { offsets } = arrayColumn(block.column('b_ends'));
  const columns = emptyBuckets(0);
  for (const field of fields) columns[field] = arrayColumn(block.column(`b_${field}`)).data;
  let from = 0;
  for (let row = 0; row < block.rows; row++) {
    const to = offsets[row] ?? from;
    const index = wanted.get({ metric: metrics[row], low: words[row * 2], high: words[row * 2 + 1] });
    if (index > 0) found[index - 1] = ordered({ labels: Labels.EMPTY, from, to, ...columns });
    from = to;
  }
  return from;
}

/** The engine does not promise the order within a group. */
function ordered(buckets: BucketColumns): BucketColumns {
  const { ends, from, to } = buckets;
  let rising = true;
  for (let i = from + 1; i < to && rising; i++) rising = ends[i] > ends[i - 1];
  if (rising) return buckets;
  const order = Array.from({ length: to - from }, (_, i) => from + i).sort((a, b) => ends[a] - ends[b]);
  return pickBuckets(buckets, order);
}

import { type CountRequest, storedLabels } from '@pharos/logql';
import type { Labels } from '@pharos/promql';
import { join, type Sql, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { logsTable } from '../tables.ts';
import type { CountDeps } from './count-lines.ts';
import { mapsOf } from './engine-search.ts';
import { LEVEL_LABEL } from './label-conditions.ts';
import { metadataLabels } from './metadata-labels.ts';
import type { MatchedStreams } from './stream-catalogue.ts';
import type { BucketGrid, WindowSums } from './window-sums.ts';

interface Counting {
  readonly streams: MatchedStreams;
  readonly grid: BucketGrid;
  readonly sums: WindowSums;
  readonly conditions: readonly Sql[];
}

/** Sets of stream, level and metadata that are counted in the engine; with more of them (ids of traces, say) lines are read. */
const MOST_SETS = 5000;
/** Numbers of all series. */
const MOST_POINTS = 2_000_000;
/** Rows of the engine's answer: one of a set for each of its buckets. */
const MOST_ROWS = 500_000;

/**
 * Stored lines or bytes per window of each series: of everything a line is labelled with, as no grouping says which labels count. False
 * where there are too many of them.
 */
export async function countSeries(
  what: CountRequest['what'],
  { streams, grid, sums, conditions }: Counting,
  { engine, tenant, counted, signal }: CountDeps,
): Promise<boolean> {
  const where = sql`tenant = ${tenantHole} AND ${join([...conditions], ' AND ')}`;
  const options = { tenant, ...(signal !== undefined && { signal }) };
  // An estimate in a few KB: what a GROUP BY would need is known before it is tried.
  const sets = await engine.query(
    sql`SELECT toUInt32(uniqHLL12(stream, level, mapKeys(metadata), mapValues(metadata))) AS sets FROM ${table(logsTable)} WHERE ${where}`,
    { purpose: 'logs.sets', ...options },
  );
  const found = sets.rows === 0 ? 0 : (sets.numbers('sets')[0] ?? 0);
  if (found > MOST_SETS || found * grid.windows > MOST_POINTS) return false;
  const { base, width } = grid;
  const amount = what === 'lines' ? sql`count() AS lines` : sql`count() AS lines, sum(size) AS bytes`;
  const block = await engine.query(
    sql`SELECT toUInt32(intDiv(toUnixTimestamp64Nano(ts) - ${base + 1n}, ${width})) AS k, stream, level, any(metadata) AS pairs, ${amount}
      FROM ${table(logsTable)} WHERE ${where}
      GROUP BY k, stream, level, mapKeys(metadata), mapValues(metadata) LIMIT ${MOST_ROWS + 1}`,
    { purpose: 'logs.count', ...options },
  );
  if (block.rows > MOST_ROWS) return false;
  if (block.rows === 0) return true;
  const [buckets, ids, levels] = [block.numbers('k'), block.bigints('stream'), block.strings('level')];
  const lines = block.numbers('lines');
  const amounts = what === 'lines' ? lines : block.numbers('bytes');
  let total = 0;
  for (const [row, metadata] of mapsOf(block, 'pairs').entries()) {
    const stream = streams.byId.get(BigInt.asUintN(64, ids[row] ?? 0n));
    if (stream === undefined) continue;
    total += lines[row] ?? 0;
    sums.add(seriesLabels(stream, levels[row] ?? '', metadata), buckets[row] ?? 0, {
      lines: lines[row] ?? 0,
      amount: amounts[row] ?? 0,
    });
  }
  counted(total);
  return true;
}

/** Every label of a line, the level Pharos knows it by among them. */
function seriesLabels(stream: Labels, level: string, pairs: readonly string[]): Labels {
  return storedLabels(stream, metadataLabels(stream.has(LEVEL_LABEL) ? '' : level, pairs));
}

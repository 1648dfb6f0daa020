import { dateTime64, type Engine, type Sql, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { histogramsTable, samplesTable } from '../tables.ts';
import { hashRange } from './engine-parts.ts';
import { LastHeard } from './last-heard.ts';
import type { Span } from './load-span.ts';
import { keyWords } from './series-lookup.ts';
import { yieldToLoop } from './yield.ts';

/** Series per answer; one is some thirty bytes. */
const KEYS_PER_PART = 2_000_000;

/** When the engine heard last of each series that it has samples of at or after a time. */
export async function readLastHeard(
  engine: Engine,
  tenant: string,
  { from, samples }: Span,
  signal?: AbortSignal,
): Promise<LastHeard> {
  const options = { purpose: 'metrics.restart', tenant, ...(signal === undefined ? {} : { signal }) };
  const since = sql`tenant = ${tenantHole} AND ts >= ${dateTime64(from)}`;
  const cuts = Math.max(1, Math.ceil(samples / KEYS_PER_PART));
  const heard = new LastHeard();
  for (let cut = 0; cut < cuts; cut++) {
    const among: Sql = sql`${since}${hashRange(cut, cuts)}`;
    const block = await engine.query(
      sql`SELECT metric, series, toFloat64(toUnixTimestamp64Milli(max(last))) AS t FROM (
          SELECT metric, series, max(ts) AS last FROM ${table(samplesTable)} WHERE ${among} GROUP BY metric, series
          UNION ALL SELECT metric, series, max(ts) AS last FROM ${table(histogramsTable)} WHERE ${among} GROUP BY metric, series)
        GROUP BY metric, series`,
      options,
    );
    if (block.rows === 0) continue;
    const words = keyWords(block.column('series'));
    const times = block.numbers('t');
    for (const [row, metric] of block.numbers('metric').entries())
      heard.add({ metric, low: words[row * 2], high: words[row * 2 + 1] }, times[row]);
    await yieldToLoop();
  }
  return heard;
}

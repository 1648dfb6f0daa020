import { join, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { spansTable } from '../tables.ts';
import { idList, options, type Range, type Reader, rangeOf } from './engine-conditions.ts';
import { hexOf } from './engine-spans.ts';

/** How many flushed spans each of some traces has. */
export async function countInEngine(
  engine: Reader,
  {
    tenant,
    traceIds,
    within,
  }: { readonly tenant: string; readonly traceIds: readonly string[]; readonly within?: Range | undefined },
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const conditions = [
    sql`trace_id IN (${idList(traceIds)})`,
    ...(within === undefined ? [] : rangeOf(within)),
  ];
  const block = await engine.query(
    sql`SELECT trace_id, toUInt32(count()) AS spans FROM ${table(spansTable)}
      WHERE tenant = ${tenantHole} AND ${join(conditions, ' AND ')} GROUP BY trace_id`,
    options('traces.counts', tenant, signal),
  );
  if (block.rows === 0) return new Map();
  const spans = block.numbers('spans');
  return new Map(hexOf(block, 'trace_id').map((id, row) => [id, spans[row] ?? 0]));
}

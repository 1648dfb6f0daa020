import { type ColumnBlock, join, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { inSlices, type Sliced, visitSliced } from '../../kernel/sliced.ts';
import { spansTable } from '../tables.ts';
import { parentText } from './chunk.ts';
import { idList, options, type Reader } from './engine-conditions.ts';
import { hexOf } from './engine-spans.ts';
import type { SpanOutline } from './span.ts';

/** An answer is read at once, in some tens of milliseconds. */
const OUTLINES_PER_ANSWER = 25_000;

/** The flushed spans of a trace without what makes them large, oldest first, at most so many. */
export async function outlinesInEngine(
  engine: Reader,
  {
    tenant,
    traceId,
    limit,
    breathe,
  }: {
    readonly tenant: string;
    readonly traceId: string;
    readonly limit: number;
    readonly breathe: () => Promise<void>;
  },
  signal?: AbortSignal,
): Promise<SpanOutline[]> {
  const outlines: SpanOutline[] = [];
  const conditions = [sql`tenant = ${tenantHole}`, sql`trace_id = ${idList([traceId])}`];
  for (;;) {
    const most = Math.min(OUTLINES_PER_ANSWER, limit - outlines.length);
    const block = await engine.query(
      sql`SELECT span_id, parent_id, toInt64(toUnixTimestamp64Nano(ts)) AS time, kind, service, name, duration, failed
        FROM ${table(spansTable)} WHERE ${join(conditions, ' AND ')}
        ORDER BY ts, span_id, kind LIMIT ${most} OFFSET ${outlines.length}`,
      options('traces.outlines', tenant, signal),
    );
    for (const outline of await inSlices(outlinesOf(block), breathe)) outlines.push(outline);
    if (block.rows < most || outlines.length >= limit) return outlines;
  }
}

function* outlinesOf(block: ColumnBlock): Sliced<SpanOutline[]> {
  if (block.rows === 0) return [];
  const [ids, parents] = [hexOf(block, 'span_id'), hexOf(block, 'parent_id')];
  const times = block.bigints('time');
  const [kinds, durations, failed] = [
    block.numbers('kind'),
    block.numbers('duration'),
    block.numbers('failed'),
  ];
  const [services, names] = [block.strings('service'), block.strings('name')];
  const outlines: SpanOutline[] = [];
  yield* visitSliced(Array(block.rows).keys(), (row) => {
    outlines.push({
      spanId: ids[row] ?? '',
      parentId: parentText(parents[row] ?? ''),
      start: times[row] ?? 0n,
      duration: durations[row] ?? 0,
      kind: kinds[row] ?? 0,
      service: services[row] ?? '',
      name: names[row] ?? '',
      failed: failed[row] === 1,
    });
  });
  return outlines;
}

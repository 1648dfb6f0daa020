import { type Engine, inList, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { readSpan, type SpanChunk } from '../store/chunk.ts';
import { hexOf } from '../store/engine-search.ts';
import { isFailed } from '../store/query.ts';
import { spansTable } from '../tables.ts';
import { type EdgeSpan, isCall, MINUTE_MS } from './find-edges.ts';
import { PEER_ATTRIBUTES, peerOf } from './peer.ts';

const MINUTE_NS = 60_000_000_000n;
const NO_PARENT = '0'.repeat(16);

/** Minutes since the epoch, from the first on and before the last. */
export interface Minutes {
  readonly from: number;
  readonly to: number;
}

/** A share of the traces: those whose id leaves `part` when it is divided by `of`, so that a busy minute is worked on in pieces. */
export interface Share {
  readonly part: number;
  readonly of: number;
}

/** How many flushed spans begin in some minutes. */
export async function countSpans(
  engine: Pick<Engine, 'query'>,
  tenant: string,
  minutes: Minutes,
  signal?: AbortSignal,
): Promise<number> {
  const block = await engine.query(
    sql`SELECT toFloat64(count()) AS n FROM ${table(spansTable)} WHERE tenant = ${tenantHole} AND ${within(minutes)}`,
    { purpose: 'traces.edges', tenant, limits: 'background', ...(signal !== undefined && { signal }) },
  );
  return block.numbers('n')[0] ?? 0;
}

/** The flushed spans of some minutes and traces. */
export async function edgeSpansInEngine(
  engine: Pick<Engine, 'query'>,
  tenant: string,
  minutes: Minutes,
  { part, of }: Share,
  signal?: AbortSignal,
): Promise<EdgeSpan[]> {
  const block = await engine.query(
    sql`SELECT trace_id, span_id, parent_id, kind, service, failed, duration,
        toFloat64(toUnixTimestamp64Milli(ts)) AS began,
        if(kind IN (3, 4), mapFilter((k, v) -> k IN ${inList(PEER_ATTRIBUTES)}, attributes), map()) AS peer
      FROM ${table(spansTable)}
      WHERE tenant = ${tenantHole} AND ${within(minutes)} AND reinterpretAsUInt32(substring(toString(trace_id), 13, 4)) % ${of} = ${part}`,
    { purpose: 'traces.edges', tenant, limits: 'background', ...(signal !== undefined && { signal }) },
  );
  if (block.rows === 0) return [];
  const [traces, ids, parents] = [
    hexOf(block, 'trace_id'),
    hexOf(block, 'span_id'),
    hexOf(block, 'parent_id'),
  ];
  const [kinds, failed] = [block.numbers('kind'), block.numbers('failed')];
  const [durations, begins] = [block.numbers('duration'), block.numbers('began')];
  const services = block.strings('service');
  const { offsets, keys, values } = block.map('peer');
  const texts =
    keys.kind === 'string' && values.kind === 'string' ? { keys: keys.data, values: values.data } : null;
  return traces.map((traceId, row) => {
    const attributes = new Map<string, string>();
    for (let i = row === 0 ? 0 : (offsets[row - 1] ?? 0); i < (offsets[row] ?? 0); i++)
      attributes.set(texts?.keys[i] ?? '', texts?.values[i] ?? '');
    const parent = parents[row] ?? '';
    return {
      traceId,
      spanId: ids[row] ?? '',
      parentId: parent === NO_PARENT ? '' : parent,
      kind: kinds[row] ?? 0,
      service: services[row] ?? '',
      failed: failed[row] === 1,
      duration: durations[row] ?? 0,
      at: begins[row] ?? 0,
      peer: attributes.size === 0 ? null : peerOf(attributes),
    };
  });
}

/** The spans of some minutes and traces among chunks in memory. */
export async function edgeSpansInChunks(
  chunks: readonly SpanChunk[],
  { from, to }: Minutes,
  { part, of }: Share,
  breathe: () => Promise<void>,
): Promise<EdgeSpan[]> {
  const found: EdgeSpan[] = [];
  for (const chunk of chunks)
    for (let row = 0; row < chunk.rows; row++) {
      const minute = Math.floor(chunk.ms[row] / MINUTE_MS);
      if (minute < from || minute >= to || chunk.ids[row * 6 + 3] % of !== part) continue;
      const span = readSpan(chunk, row);
      const attributes = new Map(span.attributes.map(({ key, value }) => [key, value]));
      found.push({
        traceId: span.traceId,
        spanId: span.spanId,
        parentId: span.parentId,
        kind: span.kind,
        service: span.service,
        failed: isFailed(span),
        duration: span.duration,
        at: chunk.ms[row],
        peer: isCall(span.kind) ? peerOf(attributes) : null,
      });
      if (found.length % ROWS_PER_SLICE === 0) await breathe();
    }
  return found;
}

/** A few ms. */
const ROWS_PER_SLICE = 1000;

function within({ from, to }: Minutes) {
  return sql`ts >= fromUnixTimestamp64Nano(${BigInt(from) * MINUTE_NS}, 'UTC') AND ts < fromUnixTimestamp64Nano(${BigInt(to) * MINUTE_NS}, 'UTC')`;
}

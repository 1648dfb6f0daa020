import {
  type ColumnBlock,
  engineErrors,
  join,
  type LimitClass,
  type Sql,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import { inSlices, type Sliced, visitSliced } from '../../kernel/sliced.ts';
import { type Attribute, attributesOf } from '../attributes.ts';
import { spansTable } from '../tables.ts';
import { parentText } from './chunk.ts';
import { conditionsOf, idList, options, type Range, type Reader, rangeOf } from './engine-conditions.ts';
import type { TraceQuery } from './query.ts';
import type { StoredSpan } from './span.ts';

/** So that an answer stays below the engine's limit of a result, and reading it is some tens of milliseconds. */
const SPANS_PER_ANSWER = 10_000;

/** The flushed spans of some traces in any order; the oldest of them where there are more than the limit. */
export async function spansInEngine(
  engine: Reader,
  {
    tenant,
    traceIds,
    limit,
    within,
    spanId,
    breathe,
  }: {
    readonly tenant: string;
    readonly traceIds: readonly string[];
    readonly limit: number;
    /** The spans begin in it; any time when absent. */
    readonly within?: Range | undefined;
    /** 16 hex digits: only this span, its two sides where Zipkin shares it. */
    readonly spanId?: string | undefined;
    readonly breathe: () => Promise<void>;
  },
  signal?: AbortSignal,
): Promise<readonly StoredSpan[]> {
  const ids = idList(traceIds);
  const conditions = [
    sql`trace_id IN (${ids})`,
    sql`tenant = ${tenantHole}`,
    ...(within === undefined ? [] : rangeOf(within)),
  ];
  if (spanId !== undefined) conditions.push(sql`span_id = toFixedString(unhex(${spanId}), 8)`);
  // One trace is in a block or two: choosing which columns are worth reading first, as WHERE does, takes longer than reading them.
  const isOne = traceIds.length === 1;
  const where = isOne ? sql`PREWHERE` : sql`WHERE`;
  const read = async (rest: Sql, limits: LimitClass): Promise<readonly StoredSpan[]> => {
    const block = await engine.query(
      sql`SELECT ${SPAN_COLUMNS}
        FROM ${table(spansTable)} ${where} ${join(conditions, ' AND ')} ${rest}`,
      { ...options('traces.spans', tenant, signal), limits },
    );
    return inSlices(spansOf(block), breathe);
  };
  // An order costs the engine more than the spans of most traces: it is kept for what does not fit one answer.
  const first = Math.min(SPANS_PER_ANSWER, limit);
  const all = await read(sql`LIMIT ${first}`, isOne ? 'point' : 'lookup');
  if (all.length < first) return all;
  const spans: StoredSpan[] = [];
  for (;;) {
    const most = Math.min(SPANS_PER_ANSWER, limit - spans.length);
    const next = await read(
      sql`ORDER BY ts, trace_id, span_id, kind LIMIT ${most} OFFSET ${spans.length}`,
      'interactive',
    );
    for (const span of next) spans.push(span);
    if (next.length < SPANS_PER_ANSWER || spans.length >= limit) return spans;
  }
}

const SPAN_COLUMNS = sql`trace_id, span_id, parent_id, ts, kind, source, service, name, status,
          duration, status_message, trace_state, flags, attributes, attribute_types, base64Encode(events) AS events, base64Encode(links) AS links`;

/** The newest flushed spans of a query. */
export async function matchingInEngine(
  engine: Reader,
  query: TraceQuery,
  breathe: () => Promise<void>,
  signal?: AbortSignal,
): Promise<StoredSpan[]> {
  const { tenant, limit } = query;
  const conditions = await conditionsOf(engine, query, signal);
  const block = await engine.query(
    sql`SELECT ${SPAN_COLUMNS} FROM ${table(spansTable)}
      WHERE tenant = ${tenantHole} AND ${conditions(query)} ORDER BY ts DESC LIMIT ${limit}`,
    options('traces.matching', tenant, signal),
  );
  return inSlices(spansOf(block), breathe);
}

/** A FixedString column as hex texts. */
export function hexOf(block: ColumnBlock, name: string): string[] {
  const column = block.column(name);
  if (column.kind !== 'bytes')
    throw engineErrors.make('badQuery', `column ${name} is ${column.kind}, expected bytes`);
  const { data, width } = column;
  const hex = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
  return Array.from({ length: block.rows }, (_, row) => hex.slice(row * width * 2, (row + 1) * width * 2));
}

function* spansOf(block: ColumnBlock): Sliced<StoredSpan[]> {
  if (block.rows === 0) return [];
  const [traces, ids, parents] = [
    hexOf(block, 'trace_id'),
    hexOf(block, 'span_id'),
    hexOf(block, 'parent_id'),
  ];
  const [times, sources] = [block.bigints('ts'), block.bigints('source')];
  const [kinds, statuses, durations, flags] = [
    block.numbers('kind'),
    block.numbers('status'),
    block.numbers('duration'),
    block.numbers('flags'),
  ];
  const [services, names, messages, states, events, links] = [
    block.strings('service'),
    block.strings('name'),
    block.strings('status_message'),
    block.strings('trace_state'),
    block.strings('events'),
    block.strings('links'),
  ];
  const attributes = attributesColumn(block, 'attributes', 'attribute_types');
  const spans: StoredSpan[] = [];
  yield* visitSliced(Array(block.rows).keys(), (row) => {
    spans.push({
      traceId: traces[row] ?? '',
      spanId: ids[row] ?? '',
      parentId: parentText(parents[row] ?? ''),
      start: times[row] ?? 0n,
      duration: durations[row] ?? 0,
      kind: kinds[row] ?? 0,
      status: statuses[row] ?? 0,
      service: services[row] ?? '',
      name: names[row] ?? '',
      source: BigInt.asUintN(64, sources[row] ?? 0n),
      statusMessage: messages[row] ?? '',
      traceState: states[row] ?? '',
      flags: flags[row] ?? 0,
      attributes: attributes(row),
      events: bytesOf(events[row] ?? ''),
      links: bytesOf(links[row] ?? ''),
    });
  });
  return spans;
}

const NO_BYTES = new Uint8Array(0);

function bytesOf(base64: string): Uint8Array {
  return base64 === '' ? NO_BYTES : Buffer.from(base64, 'base64');
}

/** A map of attributes, row by row, with their types. */
export function attributesColumn(
  block: ColumnBlock,
  map: string,
  letters: string,
): (row: number) => Attribute[] {
  const { offsets, keys, values } = block.map(map);
  const types = block.strings(letters);
  if (keys.kind !== 'string' || values.kind !== 'string') return () => [];
  return (row) => {
    const pairs: string[] = [];
    for (let i = row === 0 ? 0 : offsets[row - 1]; i < offsets[row]; i++)
      pairs.push(keys.data[i] ?? '', values.data[i] ?? '');
    return attributesOf(pairs, types[row] ?? '');
  };
}

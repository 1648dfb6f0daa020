import {
  asksTooMuch,
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
import { type AnswerMemory, type Asking, fitting } from './answer-memory.ts';
import { parentText } from './chunk.ts';
import { conditionsOf, idList, options, type Range, type Reader, rangeOf } from './engine-conditions.ts';
import type { TraceQuery } from './query.ts';
import type { StoredSpan } from './span.ts';

/** Reading so many is some tens of milliseconds, and most of them are below the engine's limit of a result. */
const SPANS_PER_ANSWER = 10_000;

/** Spans that were read. */
export interface SpansRead {
  readonly spans: readonly StoredSpan[];
  /** Whether there are more, for which the answer has no memory. */
  readonly full: boolean;
}

/** The flushed spans of some traces in any order; the oldest of them where there are more than the limit, or than there is memory for. */
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
  { signal, memory }: Asking = {},
): Promise<SpansRead> {
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
  const read = async (all: readonly Sql[], rest: Sql, limits: LimitClass): Promise<readonly StoredSpan[]> => {
    const block = await engine.query(
      sql`SELECT ${SPAN_COLUMNS}
        FROM ${table(spansTable)} ${where} ${join(all, ' AND ')} ${rest}`,
      { ...options('traces.spans', tenant, signal), limits },
    );
    return inSlices(spansOf(block), breathe);
  };
  // An order costs the engine more than the spans of most traces: it is kept for what does not fit one answer.
  const first = Math.min(SPANS_PER_ANSWER, limit);
  const all = await unlessTooMuch(() => read(conditions, sql`LIMIT ${first}`, isOne ? 'point' : 'lookup'));
  if (all !== undefined && all.length < first) {
    const before = memory?.taken;
    if (fitting(all, memory).length === all.length) return { spans: all, full: false };
    memory?.release(before);
  }
  const page = (size: number, last: StoredSpan | undefined): Promise<readonly StoredSpan[]> =>
    read(
      last === undefined ? conditions : [...conditions, behind(last)],
      sql`ORDER BY ts, trace_id, span_id, kind LIMIT ${size}`,
      'interactive',
    );
  return inPages(page, { limit, size: all === undefined ? fewer(first) : first, most: first }, memory);
}

/**
 * Spans in an order, page by page, of fewer spans where the engine has no room for as many: some are a megabyte. Behind them pages grow
 * again, after twice as many each time that was too early.
 */
export async function inPages(
  read: (size: number, last: StoredSpan | undefined) => Promise<readonly StoredSpan[]>,
  { limit, size, most: largest }: { readonly limit: number; readonly size: number; readonly most: number },
  memory?: AnswerMemory,
): Promise<SpansRead> {
  const spans: StoredSpan[] = [];
  let [patience, fits, hasGrown] = [1, 0, false];
  for (let most = size; ; ) {
    const asked = Math.min(most, limit - spans.length);
    const next = await unlessTooMuch(() => read(asked, spans.at(-1)), asked > 1);
    if (next === undefined) {
      most = fewer(asked);
      if (hasGrown) patience *= 2;
      [fits, hasGrown] = [0, false];
      continue;
    }
    hasGrown = false;
    if (++fits >= patience && most < largest) {
      most = Math.min(largest, most * GROWTH);
      [fits, hasGrown] = [0, true];
    }
    const kept = fitting(next, memory);
    for (const span of kept) spans.push(span);
    if (kept.length < next.length) return { spans, full: true };
    if (next.length < asked || spans.length >= limit) return { spans, full: false };
  }
}

const GROWTH = 4;

/** Each further time that it was too much has read for nothing. */
function fewer(size: number): number {
  return Math.ceil(size / GROWTH);
}

/** Undefined where it was too much for one answer and less may be asked for. */
async function unlessTooMuch<Read>(read: () => Promise<Read>, mayBeLess = true): Promise<Read | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!mayBeLess || !asksTooMuch(error)) throw error;
    return undefined;
  }
}

/** Spans that come later in the order, or earlier where it goes back. */
function behind({ start, traceId, spanId, kind }: StoredSpan, back = false): Sql {
  const place = sql`(fromUnixTimestamp64Nano(${start}, 'UTC'), toFixedString(unhex(${traceId}), 16), toFixedString(unhex(${spanId}), 8), toUInt8(${kind}))`;
  const than = back ? sql`<` : sql`>`;
  // The time again, which the index knows.
  return sql`ts ${than}= fromUnixTimestamp64Nano(${start}, 'UTC') AND (ts, trace_id, span_id, kind) ${than} ${place}`;
}

const SPAN_COLUMNS = sql`trace_id, span_id, parent_id, ts, kind, source, service, name, status,
          duration, status_message, trace_state, flags, attributes, attribute_types, base64Encode(events) AS events, base64Encode(links) AS links`;

/** The newest flushed spans of a query. */
export async function matchingInEngine(
  engine: Reader,
  query: TraceQuery,
  breathe: () => Promise<void>,
  { signal, memory }: Asking = {},
): Promise<SpansRead> {
  const { tenant, limit } = query;
  const conditions = (await conditionsOf(engine, query, signal))(query);
  const page = async (size: number, last: StoredSpan | undefined): Promise<readonly StoredSpan[]> => {
    const rest = last === undefined ? conditions : sql`${conditions} AND ${behind(last, true)}`;
    const block = await engine.query(
      sql`SELECT ${SPAN_COLUMNS} FROM ${table(spansTable)}
        WHERE tenant = ${tenantHole} AND ${rest} ORDER BY ts DESC, trace_id DESC, span_id DESC, kind DESC LIMIT ${size}`,
      options('traces.matching', tenant, signal),
    );
    return inSlices(spansOf(block), breathe);
  };
  return inPages(page, { limit, size: limit, most: limit }, memory);
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

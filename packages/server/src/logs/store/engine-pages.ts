import {
  asksTooMuch,
  type Engine,
  join,
  type LimitClass,
  type Sql,
  sql,
  table,
  tenant as tenantHole,
  uint64,
} from '../../engine/index.ts';
import { logsTable } from '../tables.ts';
import { mapsOf } from './engine-search.ts';
import { NEVER } from './line-conditions.ts';
import { nanosTime } from './nanos-time.ts';
import type { TimeWindow } from './stream-catalogue.ts';
import { textParts } from './text-windows.ts';
import type { SoughtText } from './texts.ts';

/** A flushed line as LogQL reads it. */
export interface StoredRow {
  readonly time: bigint;
  readonly stream: bigint;
  readonly id: bigint;
  readonly level: string;
  /** Empty where only its size was asked for. */
  readonly line: string;
  /** Bytes of the line. */
  readonly size: number;
  /** Flat: name, value, name, value… */
  readonly metadata: readonly string[];
}

export interface PageQuery {
  readonly tenant: string;
  readonly window: TimeWindow;
  readonly backward: boolean;
  readonly conditions: readonly Sql[];
  /** Sizes instead of lines. */
  readonly linesUnused: boolean;
  /** So many rows suffice, as all of them count. */
  readonly limit: number | undefined;
  /** The conditions look for a text, which most lines do not hold. */
  readonly isSearch: boolean;
  /** Every such line holds them. */
  readonly texts: readonly SoughtText[];
}

export interface Page {
  /** In the query's order of time; those of one time in any order. */
  readonly rows: readonly StoredRow[];
  /** No later page holds a row that comes before this time; undefined on the last page. */
  readonly upTo: bigint | undefined;
}

const FIRST_PAGE = 1000;
const GROWTH = 4;
/** A page is decoded at once: some 10 ms. */
const MOST_PAGE_BYTES = 4_000_000;
/** Up to 10,000 rows the engine reads the order first and the rest of the chosen rows only; one more row is asked for than this. */
const MOST_PAGE_ROWS = 9_999;
/** Of a window whose first lines suffice this part is read first. */
const FIRST_PART = 128n;
/** A page that does not fit its limits is tried again so much smaller. */
const SHRINK = 16;

type Reading = Pick<Engine, 'query'>;

/**
 * Flushed lines, page by page in order of time. A page is a statement of its own that stops reading when it has enough; where a text may be
 * is looked up for the time that is about to be read.
 */
export async function* enginePages(
  engine: Reading,
  query: PageQuery,
  signal?: AbortSignal,
): AsyncGenerator<Page> {
  for await (const { window, times } of textParts(engine, query, signal)) {
    const { from, to } = query.window;
    const edge = query.backward
      ? window.from > from
        ? window.from
        : undefined
      : window.to < to
        ? window.to - 1n
        : undefined;
    if (times.includes(NEVER)) yield { rows: [], upTo: edge };
    else
      for await (const { rows, upTo } of pagesOf(
        engine,
        { ...query, window, conditions: [...times, ...query.conditions] },
        signal,
      ))
        yield { rows, upTo: upTo ?? edge };
  }
}

async function* pagesOf(
  engine: Reading,
  query: PageQuery,
  signal: AbortSignal | undefined,
): AsyncGenerator<Page> {
  if (query.limit === undefined) {
    yield* pagesInOrder(engine, query, signal);
    return;
  }
  const few = query.isSearch ? await readAll(engine, query, signal) : undefined;
  if (few !== undefined) yield few;
  else yield* firstPages(engine, query, signal);
}

/** Pages of a query that few rows suffice for: of the first part of its window, then of the rest. */
async function* firstPages(
  engine: Reading,
  query: PageQuery,
  signal: AbortSignal | undefined,
): AsyncGenerator<Page> {
  const { window, backward } = query;
  const part = firstPart(query);
  const rest = backward ? { ...window, to: part.from } : { ...window, from: part.to };
  const hasRest = rest.from < rest.to;
  const edge = backward ? part.from : part.to - 1n;
  for await (const { rows, upTo } of pagesInOrder(engine, { ...query, window: part }, signal))
    yield { rows, upTo: upTo ?? (hasRest ? edge : undefined) };
  if (!hasRest) return;
  const remaining = { ...query, window: rest };
  const few = query.isSearch ? undefined : await readAll(engine, remaining, signal);
  if (few !== undefined) yield few;
  else yield* pagesInOrder(engine, remaining, signal);
}

/** The lines of a page's last time are read whole, so that the next page can begin behind that time. */
async function* pagesInOrder(
  engine: Reading,
  query: PageQuery,
  signal: AbortSignal | undefined,
): AsyncGenerator<Page> {
  let { window } = query;
  let size = query.limit ?? FIRST_PAGE;
  while (window.from < window.to) {
    const { rows, isLast } = await readPage(engine, { ...query, window }, size, signal);
    const last = rows.at(-1);
    if (isLast || last === undefined) {
      yield { rows, upTo: undefined };
      return;
    }
    // One row more than asked for tells whether the last time is whole.
    const isWhole = rows.length > 1 && rows[rows.length - 2]?.time !== last.time;
    const kept = isWhole ? rows.slice(0, -1) : rows;
    const upTo = kept.at(-1)?.time ?? last.time;
    yield { rows: kept, upTo };
    if (!isWhole) yield* tiesOf(engine, query, upTo, signal);
    window = query.backward ? { ...window, to: upTo } : { ...window, from: upTo + 1n };
    size = nextSize(rows, size);
  }
}

/** Where the first lines are if there are many: what is not read need not be put in order. */
function firstPart({ window: { from, to }, backward }: PageQuery): TimeWindow {
  const length = (to - from) / FIRST_PART;
  if (length === 0n) return { from, to };
  return backward ? { from: to - length, to } : { from, to: from + length };
}

function nextSize(rows: readonly StoredRow[], size: number): number {
  const bytes = rows.reduce((sum, { line, metadata }) => sum + 64 + line.length + metadata.length * 20, 0);
  return Math.max(
    1,
    Math.min(size * GROWTH, MOST_PAGE_ROWS, Math.floor((MOST_PAGE_BYTES * rows.length) / bytes)),
  );
}

function conditionsOf({ window, conditions }: PageQuery): Sql {
  return join(
    [sql`ts >= ${nanosTime(window.from)}`, sql`ts < ${nanosTime(window.to)}`, ...conditions],
    ' AND ',
  );
}

/** One page; a smaller one where so many lines do not fit the engine's limits. */
async function readPage(
  engine: Reading,
  query: PageQuery,
  size: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly rows: readonly StoredRow[]; readonly isLast: boolean }> {
  const order = query.backward ? sql`ts DESC` : sql`ts`;
  for (let limit = size; ; limit = Math.ceil(limit / SHRINK))
    try {
      const rest = sql`${conditionsOf(query)} ORDER BY ${order} LIMIT ${limit + 1}`;
      const rows = await read(engine, query, rest, signal);
      return { rows, isLast: rows.length <= limit };
    } catch (error) {
      if (limit === 1 || !asksTooMuch(error)) throw error;
    }
}

/**
 * All rows of a window that holds no more than a page of them; undefined where there are more. Without an order the engine remembers
 * where a condition finds nothing: a search that is asked again reads only what may hold a row.
 */
async function readAll(
  engine: Reading,
  query: PageQuery,
  signal: AbortSignal | undefined,
): Promise<Page | undefined> {
  const size = query.limit ?? FIRST_PAGE;
  try {
    const rest = sql`${conditionsOf(query)} LIMIT ${size + 1}`;
    const rows = await read(engine, query, rest, signal, query.isSearch ? 'lookup' : 'interactive');
    if (rows.length > size) return undefined;
    const sign = query.backward ? -1 : 1;
    const inOrder = (a: StoredRow, b: StoredRow): number =>
      a.time === b.time ? 0 : a.time < b.time ? -sign : sign;
    return { rows: [...rows].sort(inOrder), upTo: undefined };
  } catch (error) {
    // So many lines at once do not fit the engine's limits: pages can be smaller.
    if (asksTooMuch(error)) return undefined;
    throw error;
  }
}

/** Every row of one time, however many they are; some of them were in the page before. */
async function* tiesOf(
  engine: Reading,
  query: PageQuery,
  time: bigint,
  signal: AbortSignal | undefined,
): AsyncGenerator<Page> {
  for (let after: StoredRow | undefined; ; ) {
    const behind =
      after === undefined
        ? []
        : [sql`tuple(stream, id) > tuple(${uint64(after.stream)}, ${uint64(after.id)})`];
    const all = [sql`ts = ${nanosTime(time)}`, ...query.conditions, ...behind];
    const rest = sql`${join(all, ' AND ')} ORDER BY stream, id LIMIT ${FIRST_PAGE}`;
    const rows = await read(engine, query, rest, signal);
    yield { rows, upTo: time };
    after = rows.at(-1);
    if (rows.length < FIRST_PAGE || after === undefined) return;
  }
}

async function read(
  engine: Reading,
  { tenant, linesUnused }: PageQuery,
  rest: Sql,
  signal: AbortSignal | undefined,
  limits: LimitClass = 'interactive',
): Promise<readonly StoredRow[]> {
  const line = linesUnused ? sql`size` : sql`message, size`;
  const block = await engine.query(
    sql`SELECT ts, stream, id, level, metadata, ${line}
      FROM ${table(logsTable)} WHERE tenant = ${tenantHole} AND ${rest}`,
    { purpose: 'logs.read', tenant, limits, ...(signal === undefined ? {} : { signal }) },
  );
  if (block.rows === 0) return [];
  const times = block.bigints('ts');
  const streams = block.bigints('stream');
  const ids = block.bigints('id');
  const levels = block.strings('level');
  const sizes = block.numbers('size');
  const lines = linesUnused ? undefined : block.strings('message');
  return mapsOf(block, 'metadata').map((metadata, row) => ({
    time: times[row] ?? 0n,
    stream: BigInt.asUintN(64, streams[row] ?? 0n),
    id: BigInt.asUintN(64, ids[row] ?? 0n),
    level: levels[row] ?? '',
    line: lines?.[row] ?? '',
    size: sizes[row] ?? 0,
    metadata,
  }));
}

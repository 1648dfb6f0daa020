import {
  type CountedSeries,
  type CountRequest,
  type Grouping,
  type LogBatch,
  type LogSelectRequest,
  storedLabels,
} from '@pharos/logql';
import { compareText, Labels } from '@pharos/promql';
import {
  asksTooMuch,
  type ColumnBlock,
  type Engine,
  engineErrors,
  identifier,
  join,
  MAX_LIST,
  type Sql,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import { LOG_LEVELS } from '../level.ts';
import { logsTable } from '../tables.ts';
import { countSeries } from './count-series.ts';
import { LEVEL_LABEL, labelConditions } from './label-conditions.ts';
import { lineConditions } from './line-conditions.ts';
import { nanosTime } from './nanos-time.ts';
import type { RecentRows } from './recent-rows.ts';
import type { MatchedStreams, TimeWindow } from './stream-catalogue.ts';
import { timesOfTexts } from './text-windows.ts';
import { type BucketGrid, bucketGrid, gridInSeconds, WindowSums } from './window-sums.ts';

/** What counting needs of the reader it counts for. */
interface LineSource {
  streams(matchers: CountRequest['matchers'], window: TimeWindow): Promise<MatchedStreams>;
  passing(
    request: LogSelectRequest,
    within: readonly TimeWindow[],
    signal?: AbortSignal,
  ): AsyncIterable<LogBatch>;
}

export interface CountDeps {
  readonly engine: Pick<Engine, 'query' | 'state'>;
  readonly tenant: string;
  failed(error: unknown): void;
  recent(streams: MatchedStreams, window: TimeWindow): Promise<RecentRows>;
  /** Told how many lines the engine has counted. */
  counted(lines: number): void;
  readonly signal?: AbortSignal;
}

/** Series of buckets the engine may answer with; more is read line by line. */
const MOST_GROUPS = 500_000;

/**
 * Lines or bytes per window, added up by the engine in buckets that windows are made of. The times for which memory holds lines are read
 * instead and counted here, so that a line that is just being flushed counts once. Null where the engine's answer would not be exact.
 */
export async function countLines(
  source: LineSource,
  request: CountRequest,
  deps: CountDeps,
): Promise<readonly CountedSeries[] | null> {
  const grid = bucketGrid(request.windows);
  if (grid === null || request.grouping?.without === true) return null;
  const streams = await source.streams(request.matchers, grid.window);
  if (streams.byId.size === 0) return [];
  const counted = await countIn(source, request, { streams, grid }, deps);
  if (counted === null || !streams.all || !streams.isOutdated()) return counted;
  // Streams came while the engine counted all there are, and it may have counted theirs: they are named this time.
  return countIn(source, request, { streams: { ...streams, all: false }, grid }, deps);
}

async function countIn(
  source: LineSource,
  request: CountRequest,
  { streams, grid }: Pick<Counting, 'streams' | 'grid'>,
  deps: CountDeps,
): Promise<readonly CountedSeries[] | null> {
  const groups = groupStreams(request.grouping ?? NO_LABELS, streams.byId);
  if (groups === null || groups.length * grid.buckets > MOST_GROUPS) return null;
  const sums = new WindowSums(grid);
  const { pieces } = await deps.recent(streams, grid.window);
  const counted = await countStored(request, { streams, groups, grid, pieces, sums }, deps);
  if (!counted) return null;
  for (const near of runsOf(pieces)) await countRead(source, request, { pieces: near, sums }, deps.signal);
  return sums.series();
}

const NO_LABELS: Grouping = { without: false, labels: [] };

/** Streams that give a series the same labels. */
interface StreamGroup {
  readonly labels: ReadonlyMap<string, string>;
  /** Names of the grouping that their lines may have as metadata. */
  readonly open: readonly string[];
  readonly ids: readonly bigint[];
}

function groupStreams(
  { labels: names }: Grouping,
  streams: ReadonlyMap<bigint, Labels>,
): readonly StreamGroup[] | null {
  const groups = new Map<string, StreamGroup & { readonly ids: bigint[] }>();
  for (const [id, labels] of streams) {
    const own = labels.keep(new Set(names));
    const known = groups.get(own.key);
    if (known !== undefined) known.ids.push(id);
    else
      groups.set(own.key, {
        labels: own.toMap(),
        open: names.filter((name) => !labels.has(name)),
        ids: [id],
      });
  }
  const all = [...groups.values()];
  // Telling streams apart needs them named in the statement.
  return all.length > 1 && streams.size > MAX_LIST ? null : all;
}

interface Counting {
  readonly streams: MatchedStreams;
  readonly groups: readonly StreamGroup[];
  readonly grid: BucketGrid;
  readonly pieces: readonly TimeWindow[];
  readonly sums: WindowSums;
}

/** False where the engine cannot be sure. */
async function countStored(request: CountRequest, counting: Counting, deps: CountDeps): Promise<boolean> {
  const { streams, groups, grid, pieces } = counting;
  const lines = lineConditions(request.lineFilters);
  const labels = labelConditions(request.labelFilters, streams.byId, streams.all);
  if (!lines.exact || !labels.exact) return false;
  const outside = pieces.map(({ from, to }) => sql`NOT (ts >= ${nanosTime(from)} AND ts < ${nanosTime(to)})`);
  const open = [...new Set(groups.flatMap((group) => group.open))];
  try {
    if (deps.engine.state() !== 'ready') throw engineErrors.make('gone', 'the engine is not ready');
    const texts = { tenant: deps.tenant, window: grid.window, texts: lines.texts };
    const times = await timesOfTexts(deps.engine, texts, deps.signal);
    const conditions = [...inGrid(grid), ...times, ...outside, ...labels.sql, ...lines.sql];
    const ask = { conditions, counting, open, deps };
    if (request.grouping === undefined)
      return await countSeries(request.what, { ...counting, conditions }, deps);
    // Reading every line's metadata costs most; that no line has such a name is known after a first look at the names alone.
    const plain = await askCounts(request, ask, false);
    const isPlain = !(await anyNamed(ask));
    const { block, keys } = isPlain ? plain : await askCounts(request, ask, true);
    addCounted(request, counting, block, keys, deps);
  } catch (error) {
    // A pattern that only its library refuses, or more groups than fit: the lines are read instead.
    // Not where it was busy or slow: reading every line is more of what it had no time for.
    if (engineErrors.is(error, 'badQuery') || asksTooMuch(error)) return false;
    deps.failed(error);
  }
  return true;
}

/** Of whole seconds the column is looked at that is quickest to read; the index is over time. */
function inGrid(grid: BucketGrid): readonly Sql[] {
  const { from, to } = grid.window;
  const within = [sql`ts >= ${nanosTime(from)}`, sql`ts < ${nanosTime(to)}`];
  const seconds = gridInSeconds(grid);
  if (seconds === null) return within;
  const { base, end } = seconds;
  return [sql`indexHint(${join(within, ' AND ')})`, sql`second > ${base}`, sql`second <= ${end}`];
}

interface Asking {
  readonly conditions: readonly Sql[];
  readonly counting: Counting;
  /** Names of the grouping that lines may have as metadata, and not their streams. */
  readonly open: readonly string[];
  readonly deps: CountDeps;
}

async function askCounts(
  { what }: CountRequest,
  { conditions, counting: { groups, grid }, open, deps }: Asking,
  withMetadata: boolean,
): Promise<{ readonly block: ColumnBlock; readonly keys: Keys }> {
  const keys = keysOf(groups, grid, open, withMetadata);
  const metadata = keys.metadata.map((value, i) => sql`${value} AS ${identifier(`m${i}`)}`);
  const amount = what === 'lines' ? sql`count() AS lines` : sql`count() AS lines, sum(size) AS bytes`;
  const by = [sql`k`, ...keys.metadata.map((_, i) => identifier(`m${i}`))];
  const block = await deps.engine.query(
    sql`SELECT ${join([sql`${keys.key} AS k`, ...metadata, amount], ', ')}
      FROM ${table(logsTable)} WHERE tenant = ${tenantHole} AND ${join(conditions, ' AND ')}
      GROUP BY ${join(by, ', ')}`,
    { purpose: 'logs.count', tenant: deps.tenant, ...(deps.signal !== undefined && { signal: deps.signal }) },
  );
  return { block, keys };
}

/** Whether any line that was counted has metadata of these names. Asked after the count, so that it sees every line that one saw. */
async function anyNamed({ conditions, open, deps }: Asking): Promise<boolean> {
  const names = open.filter((name) => name !== LEVEL_LABEL);
  if (names.length === 0) return false;
  const named = names.map((name) => sql`has(metadata.keys, ${name})`);
  const block = await deps.engine.query(
    sql`SELECT 1 AS found FROM ${table(logsTable)}
      WHERE tenant = ${tenantHole} AND (${join(named, ' OR ')}) AND ${join(conditions, ' AND ')} LIMIT 1`,
    { purpose: 'logs.names', tenant: deps.tenant, ...(deps.signal !== undefined && { signal: deps.signal }) },
  );
  return block.rows > 0;
}

interface Keys {
  /** Bucket, group of streams and level in one small number, which is quickest to group by. */
  readonly key: Sql;
  readonly levels: number;
  /** Names of the grouping that lines may have as metadata. */
  readonly names: readonly string[];
  readonly metadata: readonly Sql[];
}

function bucketOf(grid: BucketGrid): Sql {
  const seconds = gridInSeconds(grid);
  if (seconds !== null) return sql`intDiv(second - ${seconds.base + 1n}, ${seconds.width})`;
  return sql`intDiv(toUnixTimestamp64Nano(ts) - ${grid.base + 1n}, ${grid.width})`;
}

function keysOf(
  groups: readonly StreamGroup[],
  grid: BucketGrid,
  open: readonly string[],
  withMetadata: boolean,
): Keys {
  const levels = open.includes(LEVEL_LABEL) ? LOG_LEVELS.length + 1 : 1;
  const parts: Sql[] = [sql`${bucketOf(grid)} * ${groups.length * levels}`];
  if (groups.length > 1) {
    const ids = groups.flatMap((group) => group.ids);
    const indexes = groups.flatMap((group, at) => group.ids.map(() => at));
    parts.push(sql`transform(stream, ${BigUint64Array.from(ids)}, ${indexes}, 0) * ${levels}`);
  }
  if (levels > 1)
    parts.push(sql`transform(level, ${[...LOG_LEVELS]}, ${LOG_LEVELS.map((_, i) => i + 1)}, 0)`);
  const sum = parts.reduce((all, part) => sql`${all} + ${part}`);
  const names = withMetadata ? open.filter((name) => name !== LEVEL_LABEL) : [];
  return {
    key: grid.buckets * groups.length * levels <= 65_536 ? sql`toUInt16(${sum})` : sql`toUInt32(${sum})`,
    levels,
    names,
    metadata: names.map(
      (name) => sql`if(mapContains(metadata, ${name}), concat('=', metadata[${name}]), '')`,
    ),
  };
}

function addCounted(
  { what }: CountRequest,
  { groups, sums }: Counting,
  block: ColumnBlock,
  { levels, names }: Keys,
  { counted }: CountDeps,
): void {
  const keys = block.numbers('k');
  const lines = block.numbers('lines');
  const amounts = what === 'lines' ? lines : block.numbers('bytes');
  const metadata = names.map((_, i) => block.strings(`m${i}`));
  let total = 0;
  for (let row = 0; row < block.rows; row++) {
    const key = keys[row] ?? 0;
    const group = groups[Math.floor(key / levels) % groups.length];
    if (group === undefined) continue;
    const level = group.open.includes(LEVEL_LABEL) ? LOG_LEVELS[(key % levels) - 1] : undefined;
    const pairs: (readonly [string, string])[] = [...group.labels];
    if (level !== undefined) pairs.push([LEVEL_LABEL, level]);
    for (const [i, name] of names.entries()) {
      const value = metadata[i]?.[row] ?? '';
      if (value !== '' && group.open.includes(name)) pairs.push([name, value.slice(1)]);
    }
    total += lines[row] ?? 0;
    sums.add(sortedLabels(pairs), Math.floor(key / (levels * groups.length)), {
      lines: lines[row] ?? 0,
      amount: amounts[row] ?? 0,
    });
  }
  counted(total);
}

function sortedLabels(pairs: readonly (readonly [string, string])[]): Labels {
  return Labels.fromSortedPairs([...pairs].sort(([a], [b]) => compareText(a, b)).flat());
}

/** A statement costs some milliseconds; what is looked up for the time between its windows may cost more where they are far apart. */
const MOST_BETWEEN_NS = 600_000_000_000n;

/** Pieces of time, in order and apart, that are near each other. */
function runsOf(pieces: readonly TimeWindow[]): readonly (readonly TimeWindow[])[] {
  const runs: TimeWindow[][] = [];
  for (const piece of pieces) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run !== undefined && before !== undefined && piece.from - before.to <= MOST_BETWEEN_NS)
      run.push(piece);
    else runs.push([piece]);
  }
  return runs;
}

/** Lines of pieces of time, in order and apart, those in memory among them, counted one by one; all are read with one question. */
async function countRead(
  source: LineSource,
  request: CountRequest,
  { pieces, sums }: { readonly pieces: readonly TimeWindow[]; readonly sums: WindowSums },
  signal: AbortSignal | undefined,
): Promise<void> {
  const [first, last] = [pieces[0], pieces.at(-1)];
  if (first === undefined || last === undefined) return;
  const { matchers, lineFilters, labelFilters, what, grouping } = request;
  const names = grouping === undefined ? null : new Set(grouping.labels);
  const batches = source.passing(
    {
      matchers,
      start: first.from,
      end: last.to,
      direction: 'forward',
      hints: { lineFilters, labelFilters, exact: true, linesUnused: true },
    },
    pieces,
    signal,
  );
  for await (const { stream, timestamps, metadata, sizes } of batches) {
    for (const [i, time] of timestamps.entries()) {
      // Memory may have got lines between the pieces since, and the engine counted there what it had.
      if (!pieces.some(({ from, to }) => time >= from && time < to)) continue;
      const own = metadata?.[i] ?? Labels.EMPTY;
      const labels = storedLabels(stream, own);
      sums.addAt(names === null ? labels : labels.keep(names), time, {
        lines: 1,
        amount: what === 'lines' ? 1 : (sizes?.[i] ?? 0),
      });
    }
  }
}

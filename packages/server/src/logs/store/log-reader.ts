import type { CountedSeries, CountRequest, LogBatch, LogSelectRequest, LogStorage } from '@pharos/logql';
import { type Engine, engineErrors, join, type Sql, sql } from '../../engine/index.ts';
import type { LineChunk } from './chunk.ts';
import { countLines } from './count-lines.ts';
import { enginePages, type Page, type StoredRow } from './engine-pages.ts';
import { labelConditions } from './label-conditions.ts';
import { BatchBuilder, filterOf, type LineTests } from './line-batches.ts';
import { lineConditions } from './line-conditions.ts';
import type { MemoryLine } from './memory-search.ts';
import { nanosTime } from './nanos-time.ts';
import { type NewestAnswer, type NewestInMemory, newestLines } from './newest-lines.ts';
import { RecentRows, StreamWords } from './recent-rows.ts';
import type { MatchedStreams, StreamCatalogue, TimeWindow } from './stream-catalogue.ts';
import type { SoughtText } from './texts.ts';

export interface LogReaderDeps {
  readonly engine: Pick<Engine, 'query' | 'state'>;
  readonly catalogue: StreamCatalogue;
  /** The acknowledged lines of the tenant that may not be in the engine yet. */
  pending(tenant: string): readonly LineChunk[];
  /** These, and the newest of those that are. */
  newest(tenant: string): NewestInMemory;
  readonly breathe: () => Promise<void>;
}

/** Times the engine can hold: 1970 to 2262. */
const NEWEST = 2n ** 63n - 1n;
export const ENGINE_AWAY =
  'storage: only lines of the last moments are in this answer: the engine is not available';

/**
 * The lines of a tenant as LogQL's storage, for one request: flushed rows and recent memory as one, one row per stream, time and line.
 * Without the engine it answers what is in memory, and says so in `warnings`.
 */
export class LogReader implements LogStorage {
  readonly #deps: LogReaderDeps;
  readonly #tenant: string;
  readonly #warnings = new Set<string>();
  /** Lines that the engine counted itself. */
  counted = 0;

  constructor(deps: LogReaderDeps, tenant: string) {
    this.#deps = deps;
    this.#tenant = tenant;
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  select(request: LogSelectRequest, signal?: AbortSignal): AsyncGenerator<LogBatch> {
    return this.#select(request, { onlyPassing: request.hints.limit !== undefined }, signal);
  }

  /** The same, and only lines that pass the filters. Of those in the engine only the ones within these windows. */
  passing(
    request: LogSelectRequest,
    within: readonly TimeWindow[],
    signal?: AbortSignal,
  ): AsyncGenerator<LogBatch> {
    return this.#select(request, { onlyPassing: true, within }, signal);
  }

  async *#select(
    request: LogSelectRequest,
    { onlyPassing, within = [] }: { onlyPassing: boolean; within?: readonly TimeWindow[] },
    signal?: AbortSignal,
  ): AsyncGenerator<LogBatch> {
    const window = windowOf(request);
    if (window.from >= window.to) return;
    const streams = await this.streams(request.matchers, window);
    if (streams.byId.size === 0) return;
    const { lineFilters, labelFilters, limit } = request.hints;
    const lines = lineConditions(lineFilters);
    const labels = labelConditions(labelFilters, streams.byId, streams.all);
    const exact = lines.exact && labels.exact;
    const passes = onlyPassing ? filterOf(lineFilters, labelFilters) : undefined;
    const selection: Selection = {
      window,
      streams,
      backward: request.direction === 'backward',
      limit,
      isPlain: lineFilters.length === 0 && labelFilters.length === 0,
      passes: { recent: passes, stored: exact ? undefined : passes },
      pages: {
        conditions: [...withinAny(within), ...labels.sql, ...lines.sql],
        linesUnused: request.hints.linesUnused,
        limit: exact ? limit : undefined,
        isSearch: lines.sql.length > 0,
        texts: lines.texts,
      },
    };
    yield* this.#batches(selection, signal);
  }

  count(request: CountRequest, signal?: AbortSignal): Promise<readonly CountedSeries[] | null> {
    return countLines(this, request, {
      engine: this.#deps.engine,
      tenant: this.#tenant,
      failed: (error) => this.failed(error),
      recent: (streams, window) => this.#recent(streams, window, false),
      counted: (lines) => {
        this.counted += lines;
      },
      ...(signal !== undefined && { signal }),
    });
  }

  /** The streams that match, of those with lines in the days of a window. */
  streams(matchers: LogSelectRequest['matchers'], window: TimeWindow): Promise<MatchedStreams> {
    return this.#deps.catalogue.matching(this.#tenant, matchers, window, (error) => this.failed(error));
  }

  /** Notes that the engine is not there; anything else is thrown. */
  failed(error: unknown): void {
    if (!engineErrors.is(error, 'gone') && !engineErrors.is(error, 'retryable')) throw error;
    this.#warnings.add(ENGINE_AWAY);
  }

  #recent({ byId }: MatchedStreams, window: TimeWindow, backward: boolean): Promise<RecentRows> {
    const { pending, breathe } = this.#deps;
    return RecentRows.of(pending(this.#tenant), byId, window, { backward, breathe });
  }

  /** Memory is looked at first: what is flushed meanwhile is then found twice, and never missed. */
  async *#batches(selection: Selection, signal?: AbortSignal): AsyncGenerator<LogBatch> {
    const { streams, backward, passes, limit = Number.POSITIVE_INFINITY } = selection;
    const newest = await this.#newest(selection);
    const window = newest === null ? selection.window : { ...selection.window, to: newest.from };
    const build = new BatchBuilder(streams.byId, passes);
    let left = limit;
    const keep = (rows: readonly (StoredRow | MemoryLine)[], upTo: bigint | undefined): LogBatch[] => {
      const kept = build.batches(rows, upTo);
      for (const { timestamps } of kept) left -= timestamps.length;
      return kept;
    };
    if (newest !== null) {
      const isEnd = window.from >= window.to;
      yield* keep(newest.lines, isEnd ? undefined : newest.from);
      if (left <= 0 || isEnd) return;
    }
    const recent = await this.#recent(streams, window, backward);
    for await (const page of this.#pages({ ...selection, window }, signal)) {
      if (page.upTo === undefined) {
        // The last page: what memory holds between its rows and behind them.
        const rest = [...page.rows];
        while (!recent.isEmpty) {
          const some = recent.take(undefined);
          const end = some.at(-1)?.place.time;
          const until = rest.findIndex(
            ({ time }) => end !== undefined && (backward ? time < end : time > end),
          );
          const stored = rest.splice(0, until === -1 ? rest.length : until);
          yield* keep(merged(stored, some, backward), end);
          if (left <= 0) return;
          await this.#deps.breathe();
        }
        yield* keep(rest, undefined);
        return;
      }
      yield* keep(merged(page.rows, recent.take(page.upTo), backward), page.upTo);
      if (left <= 0) return;
    }
  }

  /** The last lines, as far as memory has them: filters would make it look at lines that do not pass, which the engine does faster. */
  async #newest({ isPlain, backward, limit, window, streams }: Selection): Promise<NewestAnswer | null> {
    if (!isPlain || !backward || limit === undefined) return null;
    const words = new StreamWords(streams.byId);
    return newestLines(
      this.#deps.newest(this.#tenant),
      {
        window,
        limit,
        ofStream: ({ streams: of }, row) => words.has(of[row * 2], of[row * 2 + 1]),
      },
      this.#deps.breathe,
    );
  }

  /** The engine's pages; without the engine one that is empty. */
  async *#pages(
    { pages, window, backward }: Selection,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Page> {
    const { engine } = this.#deps;
    try {
      if (engine.state() !== 'ready') throw engineErrors.make('gone', `the engine is ${engine.state()}`);
      yield* enginePages(engine, { ...pages, tenant: this.#tenant, window, backward }, signal);
    } catch (error) {
      this.failed(error);
      yield { rows: [], upTo: undefined };
    }
  }
}

interface Selection {
  readonly window: TimeWindow;
  readonly streams: MatchedStreams;
  readonly backward: boolean;
  readonly limit: number | undefined;
  /** Every line of the streams counts. */
  readonly isPlain: boolean;
  readonly passes: LineTests;
  readonly pages: {
    readonly conditions: Parameters<typeof enginePages>[1]['conditions'];
    readonly linesUnused: boolean;
    readonly limit: number | undefined;
    readonly isSearch: boolean;
    readonly texts: readonly SoughtText[];
  };
}

function windowOf({ start, end }: Pick<LogSelectRequest, 'start' | 'end'>): TimeWindow {
  return { from: start < 0n ? 0n : start, to: end > NEWEST ? NEWEST : end };
}

/** Nothing to ask for where there is one window: it is that of the request. */
function withinAny(windows: readonly TimeWindow[]): readonly Sql[] {
  if (windows.length < 2) return [];
  const each = windows.map(({ from, to }) => sql`(ts >= ${nanosTime(from)} AND ts < ${nanosTime(to)})`);
  return [sql`(${join(each, ' OR ')})`];
}

/** Two lists in one order of time, each line once. */
function merged(
  stored: readonly StoredRow[],
  recent: readonly MemoryLine[],
  backward: boolean,
): readonly (StoredRow | MemoryLine)[] {
  if (recent.length === 0) return stored;
  const timeOf = (row: StoredRow | MemoryLine): bigint => ('place' in row ? row.place.time : row.time);
  const sign = backward ? -1 : 1;
  return [...stored, ...recent].sort((a, b) => {
    const [left, right] = [timeOf(a), timeOf(b)];
    return left === right ? 0 : left < right ? -sign : sign;
  });
}

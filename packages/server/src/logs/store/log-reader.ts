import {
  type CountedSeries,
  type CountRequest,
  compileLineTest,
  type LabelFilter,
  type LogBatch,
  type LogSelectRequest,
  type LogStorage,
  storedLabels,
} from '@pharos/logql';
import type { Labels } from '@pharos/promql';
import { type Engine, engineErrors } from '../../engine/index.ts';
import type { LineChunk } from './chunk.ts';
import { countLines } from './count-lines.ts';
import { enginePages, type Page, type StoredRow } from './engine-pages.ts';
import { LEVEL_LABEL, labelConditions } from './label-conditions.ts';
import { lineConditions } from './line-conditions.ts';
import type { MemoryLine } from './memory-search.ts';
import { metadataLabels } from './metadata-labels.ts';
import { RecentRows } from './recent-rows.ts';
import type { MatchedStreams, StreamCatalogue, TimeWindow } from './stream-catalogue.ts';

export interface LogReaderDeps {
  readonly engine: Pick<Engine, 'query' | 'state'>;
  readonly catalogue: StreamCatalogue;
  /** The acknowledged lines of the tenant that may not be in the engine yet. */
  pending(tenant: string): readonly LineChunk[];
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
    return this.#select(request, request.hints.limit !== undefined, signal);
  }

  /** The same, and only lines that pass the filters. */
  passing(request: LogSelectRequest, signal?: AbortSignal): AsyncGenerator<LogBatch> {
    return this.#select(request, true, signal);
  }

  async *#select(
    request: LogSelectRequest,
    onlyPassing: boolean,
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
      passes: { recent: passes, stored: exact ? undefined : passes },
      pages: {
        conditions: [...labels.sql, ...lines.sql],
        linesUnused: request.hints.linesUnused,
        limit: exact ? limit : undefined,
        isSearch: lines.sql.length > 0,
        bits: lines.bits,
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
    const recent = await this.#recent(streams, selection.window, backward);
    const build = new BatchBuilder(streams.byId, passes);
    let left = limit;
    const keep = (rows: readonly (StoredRow | MemoryLine)[], upTo: bigint | undefined): LogBatch[] => {
      const kept = build.batches(rows, upTo);
      for (const { timestamps } of kept) left -= timestamps.length;
      return kept;
    };
    for await (const page of this.#pages(selection, signal)) {
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
  readonly passes: LineTests;
  readonly pages: {
    readonly conditions: Parameters<typeof enginePages>[1]['conditions'];
    readonly linesUnused: boolean;
    readonly limit: number | undefined;
    readonly isSearch: boolean;
    readonly bits: readonly number[];
  };
}

/** Where only lines that pass count: what decides about those in memory, and about those of which the engine could not be sure. */
interface LineTests {
  readonly recent: LineTest | undefined;
  readonly stored: LineTest | undefined;
}

type LineTest = (line: string, stream: Labels, metadata: Labels) => boolean;

function windowOf({ start, end }: Pick<LogSelectRequest, 'start' | 'end'>): TimeWindow {
  return { from: start < 0n ? 0n : start, to: end > NEWEST ? NEWEST : end };
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

/** The filters as one test; what a storage is asked for is on text alone. */
function filterOf(
  lineFilters: LogSelectRequest['hints']['lineFilters'],
  labelFilters: readonly LabelFilter[],
): LineTest {
  const tests = lineFilters.map(compileLineTest);
  return (line, stream, metadata) =>
    tests.every((test) => test(line)) &&
    (labelFilters.length === 0 || holdsAll(labelFilters, storedLabels(stream, metadata)));
}

function holdsAll(filters: readonly LabelFilter[], labels: Labels): boolean {
  return filters.every((filter) => holds(filter, labels));
}

function holds(filter: LabelFilter, labels: Labels): boolean {
  if (filter.kind === 'and') return holds(filter.left, labels) && holds(filter.right, labels);
  if (filter.kind === 'or') return holds(filter.left, labels) || holds(filter.right, labels);
  // Only text is asked for; a filter of another kind is the evaluator's.
  return filter.kind !== 'string' || filter.matcher.matches(labels.get(filter.matcher.name));
}

/** Sets of metadata kept for the lines to come. */
const MOST_SETS = 2000;

/** Makes batches, one per stream, of rows in order; a line that was there at the same time is left out. */
class BatchBuilder {
  readonly #streams: ReadonlyMap<bigint, Labels>;
  readonly #passes: LineTests;
  readonly #sets = new Map<string, Labels>();
  /** The last line, and all of its time where there are several. */
  #last: { readonly time: bigint; readonly stream: bigint; readonly id: bigint } | undefined;
  #seen: Set<string> | undefined;

  constructor(streams: ReadonlyMap<bigint, Labels>, passes: LineTests) {
    this.#streams = streams;
    this.#passes = passes;
  }

  batches(rows: readonly (StoredRow | MemoryLine)[], upTo: bigint | undefined): LogBatch[] {
    const parts = new Map<bigint, Part>();
    for (const row of rows) this.#add(parts, row);
    const batches = [...parts.values()].map(
      (part): LogBatch => ({
        stream: part.stream,
        timestamps: BigInt64Array.from(part.times),
        lines: part.lines,
        metadata: part.metadata,
        sizes: Uint32Array.from(part.sizes),
      }),
    );
    const last = batches.pop();
    if (last !== undefined) batches.push(upTo === undefined ? last : { ...last, horizon: upTo });
    return batches;
  }

  #add(parts: Map<bigint, Part>, row: StoredRow | MemoryLine): void {
    const { time, stream: id, id: hash } = 'place' in row ? row.place : row;
    const stream = this.#streams.get(id);
    if (stream === undefined || this.#isRepeat(time, id, hash)) return;
    const line = 'place' in row ? row.message : row.line;
    const metadata = this.#labels(row.level, row.metadata, stream);
    const passes = 'place' in row ? this.#passes.recent : this.#passes.stored;
    if (passes?.(line, stream, metadata) === false) return;
    let part = parts.get(id);
    if (part === undefined) {
      part = { stream, times: [], lines: [], metadata: [], sizes: [] };
      parts.set(id, part);
    }
    part.times.push(time);
    part.lines.push(line);
    part.metadata.push(metadata);
    part.sizes.push('place' in row ? Buffer.byteLength(line) : row.size);
  }

  #isRepeat(time: bigint, stream: bigint, id: bigint): boolean {
    const last = this.#last;
    if (last === undefined || last.time !== time) {
      this.#last = { time, stream, id };
      this.#seen = undefined;
      return false;
    }
    this.#seen ??= new Set([`${last.stream} ${last.id}`]);
    const key = `${stream} ${id}`;
    if (this.#seen.has(key)) return true;
    this.#seen.add(key);
    return false;
  }

  /** Structured metadata with the level, as Loki adds it. */
  #labels(level: string, pairs: readonly string[], stream: Labels): Labels {
    const named = stream.has(LEVEL_LABEL) ? '' : level;
    const key = pairs.length === 0 ? named : `${named}\0${pairs.join('\0')}`;
    let labels = this.#sets.get(key);
    if (labels === undefined) {
      if (this.#sets.size >= MOST_SETS) this.#sets.clear();
      this.#sets.set(key, (labels = metadataLabels(named, pairs)));
    }
    return labels;
  }
}

interface Part {
  readonly stream: Labels;
  readonly times: bigint[];
  readonly lines: string[];
  readonly metadata: Labels[];
  readonly sizes: number[];
}

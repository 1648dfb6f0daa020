import { Labels } from '@pharos/promql';
import { LRUCache } from 'lru-cache';
import { type Engine, engineErrors } from '../../engine/index.ts';
import { levelRank } from '../level.ts';
import { readService } from './chunk.ts';
import { searchEngine, streamLabels } from './engine-search.ts';
import { ENGINE_AWAY } from './log-reader.ts';
import type { PendingLines } from './memory.ts';
import { type MemoryLine, searchChunks } from './memory-search.ts';
import { type NewestAnswer, type NewestInMemory, newestLines } from './newest-lines.ts';
import { comparePlaces, type FoundLine, type LineAnswer, type LinePlace, type LineQuery } from './query.ts';
import type { Streams } from './streams.ts';

export interface LineSearchDeps {
  readonly engine: Pick<Engine, 'query' | 'state'>;
  readonly streams: Streams;
  readonly pending: PendingLines;
  /** What waits for the engine, and the newest of what it has. */
  readonly newest: (tenant: string) => NewestInMemory;
  readonly breathe: () => Promise<void>;
}

/** Of labels that were read, those of all tenants: some eight thousand sets. */
const KEPT_BYTES = 4 * 2 ** 20;

interface Found {
  readonly lines: readonly MemoryLine[];
  readonly more: boolean;
}

/** `GET /api/logs`: lines of memory and engine as one, each once. Without the engine it answers what is in memory, and says so. */
export class LineSearch {
  readonly #deps: LineSearchDeps;
  /** Labels that the engine told of, by tenant and stream: a stream never has others. */
  readonly #read = new LRUCache<string, Labels>({ maxSize: KEPT_BYTES, sizeCalculation: bytesOf });

  constructor(deps: LineSearchDeps) {
    this.#deps = deps;
  }

  async search(query: LineQuery, signal?: AbortSignal): Promise<LineAnswer> {
    const warnings: string[] = [];
    const newest = await this.#newest(query);
    const { lines, more } =
      newest === null
        ? await this.#find(query, warnings, signal)
        : await this.#goOn(query, newest, warnings, signal);
    const labelled = await this.#withLabels(query.tenant, lines, warnings, signal);
    return { lines: labelled, more, warnings };
  }

  /** The last lines, as far as memory has them; only where most lines count, as it looks at all of them. */
  async #newest(query: LineQuery): Promise<NewestAnswer | null> {
    const { services, levels, words = [], trace, request, metadata } = query;
    const isRare = words.length > 0 || trace !== undefined || request !== undefined || metadata !== undefined;
    if (isRare || query.direction !== 'backward') return null;
    const ranks = levels === undefined ? undefined : new Set(levels.map(levelRank));
    return newestLines(
      this.#deps.newest(query.tenant),
      {
        window: { from: query.from, to: query.to },
        // One more tells whether there is more.
        limit: query.limit + 1,
        after: query.after,
        ofStream: (chunk, row) => services === undefined || services.includes(readService(chunk, row)),
        ofLevel: ranks === undefined ? undefined : (rank) => ranks.has(rank),
      },
      this.#deps.breathe,
    );
  }

  /** What is older than the newest lines, where they do not suffice. */
  async #goOn(
    query: LineQuery,
    { lines, from }: NewestAnswer,
    warnings: string[],
    signal: AbortSignal | undefined,
  ): Promise<Found> {
    const left = query.limit - lines.length;
    if (left < 0 || from <= query.from) return { lines: lines.slice(0, query.limit), more: left < 0 };
    const rest = await this.#find({ ...query, to: from, limit: left }, warnings, signal);
    return { lines: [...lines, ...rest.lines], more: rest.more };
  }

  /** Memory is looked at first: what is flushed meanwhile is then found twice, and never missed. */
  async #find(query: LineQuery, warnings: string[], signal: AbortSignal | undefined): Promise<Found> {
    const { engine, pending, breathe } = this.#deps;
    // One more than asked for tells whether there is more.
    const wanted = { ...query, limit: query.limit + 1 };
    const recent = await searchChunks(pending.of(query.tenant), wanted, breathe);
    let stored: readonly MemoryLine[] = [];
    try {
      if (engine.state() !== 'ready') throw engineErrors.make('gone', `the engine is ${engine.state()}`);
      stored = await searchEngine(engine, wanted, signal);
    } catch (error) {
      if (!engineErrors.is(error, 'gone') && !engineErrors.is(error, 'retryable')) throw error;
      warnings.push(ENGINE_AWAY);
    }
    // The engine may hold a line twice (a late repeat): then there are fewer lines than rows, and what lies behind the last row is not known.
    const edge = stored.length > query.limit ? stored.at(-1)?.place : undefined;
    const lines = merged(recent, stored, query, edge);
    return { lines: lines.slice(0, query.limit), more: edge !== undefined || lines.length > query.limit };
  }

  async #withLabels(
    tenant: string,
    lines: readonly MemoryLine[],
    warnings: string[],
    signal: AbortSignal | undefined,
  ): Promise<FoundLine[]> {
    const { engine, streams } = this.#deps;
    const known = new Map<bigint, Labels>();
    const missing = new Set<bigint>();
    for (const { place } of lines) {
      if (known.has(place.stream)) continue;
      const stream = streams.find(tenant, Number(place.stream & 0xffffffffn), Number(place.stream >> 32n));
      const labels = stream?.labels ?? this.#read.get(`${place.stream} ${tenant}`);
      if (labels === undefined) missing.add(place.stream);
      else known.set(place.stream, labels);
    }
    try {
      if (missing.size > 0)
        for (const [id, labels] of await streamLabels(engine, tenant, [...missing], signal)) {
          known.set(id, labels);
          this.#read.set(`${id} ${tenant}`, labels);
        }
    } catch (error) {
      if (!engineErrors.is(error, 'gone') && !engineErrors.is(error, 'retryable')) throw error;
      warnings.push('storage: the labels of some lines are missing: the engine is not available');
    }
    return lines.map((line) => ({ ...line, labels: known.get(line.place.stream) ?? Labels.EMPTY }));
  }
}

/** Each line once, in order, up to one more than the limit; none behind `edge`. */
function merged(
  recent: readonly MemoryLine[],
  stored: readonly MemoryLine[],
  { direction, limit }: LineQuery,
  edge: LinePlace | undefined,
): MemoryLine[] {
  const sign = direction === 'backward' ? -1 : 1;
  const all = [...recent, ...stored].sort((a, b) => sign * comparePlaces(a.place, b.place));
  return all
    .filter((line, i) => {
      const before = all[i - 1];
      if (edge !== undefined && sign * comparePlaces(line.place, edge) > 0) return false;
      return before === undefined || comparePlaces(before.place, line.place) !== 0;
    })
    .slice(0, limit + 1);
}

/** What a set of labels takes with its key, about. */
function bytesOf(labels: Labels, key: string): number {
  return labels.pairs.reduce((bytes, text) => bytes + 24 + text.length * 2, 300 + key.length);
}

import { Labels, type Matcher } from '@pharos/promql';
import { day, type Engine, sql, table, tenant as tenantHole, uint64 } from '../../engine/index.ts';
import { logStreamsTable } from '../tables.ts';
import { mapsOf } from './engine-search.ts';
import type { Stream, Streams } from './streams.ts';

const DAY_NS = 86_400_000_000_000n;
/** Streams kept of past days, over all tenants: some 50 MB of labels. */
const MOST_KEPT = 100_000;
const MOST_DAY = 65_535;
/** More days are not kept: they are asked for too seldom for what they take. */
const MOST_DAYS = 31;
/** Streams of one answer of the engine, whose labels may take a kilobyte or two. */
const PAGE = 20_000;
/** Streams matched between breaths. */
const SLICE = 5000;

/** A time window in ns, from inclusive, to exclusive. */
export interface TimeWindow {
  readonly from: bigint;
  readonly to: bigint;
}

/** The streams a selector means, of those that have lines in the days of a window. */
export interface MatchedStreams {
  readonly byId: ReadonlyMap<bigint, Labels>;
  /** Every stream of these days is among them: nothing needs to be filtered. */
  readonly all: boolean;
  /** Whether streams have come since that these do not know of. */
  isOutdated(): boolean;
}

interface KnownDay {
  readonly streams: Map<bigint, Labels>;
  readonly loaded: Promise<void>;
}

/**
 * Which label sets exist, by tenant and day: the engine's stream rows, read once a day is asked for and kept up with what the doors
 * make durable, and the active streams of this process.
 */
export class StreamCatalogue {
  readonly #engine: Pick<Engine, 'query'>;
  readonly #streams: Streams;
  readonly #breathe: () => Promise<void>;
  /** By `tenant day`, the least recently used first. */
  readonly #days = new Map<string, KnownDay>();
  /** Rises with every stream of a tenant and day that becomes known. */
  readonly #versions = new Map<string, number>();

  constructor(engine: Pick<Engine, 'query'>, streams: Streams, breathe: () => Promise<void>) {
    this.#engine = engine;
    this.#streams = streams;
    this.#breathe = breathe;
    streams.onDay((stream, added) => this.#announce(stream, added));
  }

  /** Streams with lines in the days of the window. `onFailure` is told when the engine could not be asked; the active ones remain. */
  async matching(
    tenant: string,
    matchers: readonly Matcher[],
    window: TimeWindow,
    onFailure: (error: unknown) => void,
  ): Promise<MatchedStreams> {
    const version = this.#versions.get(tenant);
    const byId = new Map<bigint, Labels>();
    let all = true;
    // What does not match is looked at once a day: to remember it would take more than a day of streams does.
    const take = (id: bigint, labels: Labels): void => {
      if (byId.has(id)) return;
      if (matchers.every((matcher) => matcher.matches(labels.get(matcher.name)))) byId.set(id, labels);
      else all = false;
    };
    const { first, last } = daysOf(window);
    let budget = SLICE;
    const breathe = async (): Promise<void> => {
      budget = SLICE;
      await this.#breathe();
    };
    try {
      for await (const streams of this.#stored(tenant, first, last))
        for (const [id, labels] of streams) {
          take(id, labels);
          if (--budget === 0) await breathe();
        }
    } catch (error) {
      onFailure(error);
    }
    for (const stream of this.#streams.list(tenant)) {
      if ([...stream.days].some((known) => known >= first && known <= last))
        take(streamId(stream), stream.labels);
      if (--budget === 0) await breathe();
    }
    return { byId, all, isOutdated: () => this.#versions.get(tenant) !== version };
  }

  /** The stored streams of some days: few days are kept, one by one, many are read page by page. Whatever the window, few are held at once. */
  async *#stored(tenant: string, first: number, last: number): AsyncGenerator<ReadonlyMap<bigint, Labels>> {
    if (last - first > MOST_DAYS) {
      yield* this.#pages(tenant, first, last);
      return;
    }
    for (let at = first; at <= last; at++) {
      const { streams, loaded } = this.#day(tenant, at);
      // The engine reads the next day meanwhile.
      if (at < last) this.#day(tenant, at + 1);
      await loaded;
      yield streams;
      this.#evict();
    }
  }

  #day(tenant: string, at: number): KnownDay {
    const key = `${at} ${tenant}`;
    let known = this.#days.get(key);
    if (known === undefined) {
      // There before the answer is: what is announced meanwhile must not be missed.
      const streams = new Map<bigint, Labels>();
      known = { streams, loaded: this.#load(tenant, at, streams) };
      known.loaded.catch(() => this.#days.delete(key));
    } else this.#days.delete(key);
    this.#days.set(key, known);
    return known;
  }

  async #load(tenant: string, at: number, into: Map<bigint, Labels>): Promise<void> {
    for await (const page of this.#pages(tenant, at, at))
      for (const [id, labels] of page) into.set(id, labels);
  }

  /** The stored streams of some days, so many at a time that an answer has room for them. */
  async *#pages(tenant: string, first: number, last: number): AsyncGenerator<ReadonlyMap<bigint, Labels>> {
    for (let after: bigint | undefined; ; ) {
      const behind = after === undefined ? sql`` : sql`AND stream > ${uint64(after)}`;
      const block = await this.#engine.query(
        sql`SELECT stream, any(labels) AS set FROM ${table(logStreamsTable)}
          WHERE tenant = ${tenantHole} AND day >= ${day(first)} AND day <= ${day(last)} ${behind}
          GROUP BY stream ORDER BY stream LIMIT ${PAGE}`,
        { purpose: 'logs.streams', tenant },
      );
      if (block.rows === 0) return;
      const ids = block.bigints('stream');
      const page = new Map<bigint, Labels>();
      for (const [row, pairs] of mapsOf(block, 'set').entries()) {
        const id = BigInt.asUintN(64, ids[row] ?? 0n);
        const active = this.#streams.find(tenant, Number(id & 0xffffffffn), Number(id >> 32n));
        page.set(id, active?.labels ?? Labels.fromSortedPairs(pairs));
        after = id;
      }
      yield page;
      if (block.rows < PAGE) return;
    }
  }

  #announce(stream: Stream, added: number): void {
    this.#versions.set(stream.tenant, (this.#versions.get(stream.tenant) ?? 0) + 1);
    this.#days.get(`${added} ${stream.tenant}`)?.streams.set(streamId(stream), stream.labels);
  }

  #evict(): void {
    let kept = 0;
    for (const { streams } of this.#days.values()) kept += streams.size + 1;
    for (const [key, { streams }] of this.#days) {
      if (kept <= MOST_KEPT) return;
      this.#days.delete(key);
      kept -= streams.size + 1;
    }
  }
}

function streamId({ low, high }: Pick<Stream, 'low' | 'high'>): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}

function daysOf({ from, to }: TimeWindow): { readonly first: number; readonly last: number } {
  const dayOf = (time: bigint): number => Math.min(MOST_DAY, Math.max(0, Number(time / DAY_NS)));
  return { first: dayOf(from), last: dayOf(to - 1n) };
}

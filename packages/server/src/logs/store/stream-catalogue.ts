import { Labels, type Matcher } from '@pharos/promql';
import { day, type Engine, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { logStreamsTable } from '../tables.ts';
import { mapsOf } from './engine-search.ts';
import type { Stream, Streams } from './streams.ts';

const DAY_NS = 86_400_000_000_000n;
/** Streams kept of past days, over all tenants: some 50 MB of labels. */
const MOST_KEPT = 100_000;
const MOST_DAY = 65_535;
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
    let total = 0;
    const seen = new Set<bigint>();
    const take = (id: bigint, labels: Labels): void => {
      if (seen.has(id)) return;
      seen.add(id);
      total++;
      if (matchers.every((matcher) => matcher.matches(labels.get(matcher.name)))) byId.set(id, labels);
    };
    const { first, last } = daysOf(window);
    let budget = SLICE;
    const breathe = async (): Promise<void> => {
      budget = SLICE;
      await this.#breathe();
    };
    try {
      for (const streams of await this.#stored(tenant, first, last))
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
    return { byId, all: byId.size === total, isOutdated: () => this.#versions.get(tenant) !== version };
  }

  /** The stored streams of some days: few are kept one by one, many are asked for at once. */
  async #stored(
    tenant: string,
    first: number,
    last: number,
  ): Promise<readonly ReadonlyMap<bigint, Labels>[]> {
    if (last - first > 31) return [await this.#load(tenant, first, last, new Map())];
    const wanted: KnownDay[] = [];
    for (let at = first; at <= last; at++) wanted.push(this.#day(tenant, at));
    await Promise.all(wanted.map(({ loaded }) => loaded));
    this.#evict();
    return wanted.map(({ streams }) => streams);
  }

  #day(tenant: string, at: number): KnownDay {
    const key = `${at} ${tenant}`;
    let known = this.#days.get(key);
    if (known === undefined) {
      // There before the answer is: what is announced meanwhile must not be missed.
      const streams = new Map<bigint, Labels>();
      known = { streams, loaded: this.#load(tenant, at, at, streams).then(() => {}) };
      known.loaded.catch(() => this.#days.delete(key));
    } else this.#days.delete(key);
    this.#days.set(key, known);
    return known;
  }

  async #load(
    tenant: string,
    first: number,
    last: number,
    into: Map<bigint, Labels>,
  ): Promise<ReadonlyMap<bigint, Labels>> {
    const block = await this.#engine.query(
      sql`SELECT stream, any(labels) AS set FROM ${table(logStreamsTable)}
        WHERE tenant = ${tenantHole} AND day >= ${day(first)} AND day <= ${day(last)} GROUP BY stream`,
      { purpose: 'logs.streams', tenant },
    );
    const ids = block.bigints('stream');
    for (const [row, pairs] of mapsOf(block, 'set').entries()) {
      const id = BigInt.asUintN(64, ids[row] ?? 0n);
      const active = this.#streams.find(tenant, Number(id & 0xffffffffn), Number(id >> 32n));
      into.set(id, active?.labels ?? Labels.fromSortedPairs(pairs));
    }
    return into;
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

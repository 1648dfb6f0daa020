import { type Engine, type Sql, sql, table, tenant as tenantHole } from '../../engine/index.ts';
import { eventsTable } from '../tables.ts';
import { engineRows } from './engine-rows.ts';
import { conditionsOf, type EventFilter, eventsIn, newestFirst } from './filter.ts';
import { type EventsStore, isAway } from './store.ts';
import type { StoredEvent } from './stored-event.ts';

export interface EventReaderDeps {
  readonly engine: Engine;
  readonly store: EventsStore;
  /** Lets other work run in the middle of a long search. */
  readonly breathe: () => Promise<void>;
}

export interface EventPage {
  /** Events that the filter keeps, on all pages. */
  readonly total: number;
  /** Newest first. */
  readonly events: readonly StoredEvent[];
  readonly warnings: readonly string[];
}

export const ENGINE_AWAY =
  'the engine does not answer; only the events of the last moments are in this answer';
/** Events in memory looked at between two pauses. */
const SLICE = 2000;
/** Rows of the engine that are walked at once. */
const WALK_ROWS = 2000;

/** Reads events: those of the engine, and those of the last moments that only memory has, each once. */
export class EventReader {
  readonly #deps: EventReaderDeps;

  constructor(deps: EventReaderDeps) {
    this.#deps = deps;
  }

  async page(
    tenant: string,
    filter: EventFilter,
    {
      offset,
      limit,
      signal,
    }: { readonly offset: number; readonly limit: number; readonly signal?: AbortSignal },
  ): Promise<EventPage> {
    const { chunks, below } = this.#deps.store.snapshot(tenant);
    const pending = await this.#gathered(eventsIn(chunks, filter));
    pending.sort(newestFirst);
    const where = sql`AND seq < ${below} ${conditionsOf(filter)}`;
    // At most all pending ones come before the page: the engine's part of it begins so much earlier.
    const skipped = Math.max(0, offset - pending.length);
    try {
      const stored = await this.#count(tenant, where, signal);
      const rows = await engineRows(this.#deps.engine, {
        tenant,
        where,
        rest: sql`ORDER BY ts DESC, seq DESC LIMIT ${offset + limit - skipped} OFFSET ${skipped}`,
        purpose: 'events.logs',
        signal,
      });
      const first = rows[0];
      // Pending ones that are newer than the first row of the engine's part stand before it, and so does what was skipped.
      const newer =
        skipped === 0 || first === undefined
          ? 0
          : pending.filter((event) => newestFirst(event, first) < 0).length;
      const before = skipped + newer;
      const merged = [...pending.slice(newer), ...rows].sort(newestFirst);
      return {
        total: stored + pending.length,
        events: merged.slice(offset - before, offset - before + limit),
        warnings: [],
      };
    } catch (error) {
      if (!isAway(error)) throw error;
      return {
        total: pending.length,
        events: pending.slice(offset, offset + limit),
        warnings: [ENGINE_AWAY],
      };
    }
  }

  /** Visits the newest events that the filter keeps, at most so many, newest first among the engine's; and says how many there were. */
  async walk(
    tenant: string,
    filter: EventFilter,
    { most }: { readonly most: number },
    visit: (event: StoredEvent) => void,
  ): Promise<{ readonly visited: number; readonly more: boolean; readonly warnings: readonly string[] }> {
    const { chunks, below } = this.#deps.store.snapshot(tenant);
    const pending = await this.#gathered(eventsIn(chunks, filter));
    pending.sort(newestFirst);
    const now = pending.slice(0, most);
    for (const event of now) visit(event);
    let visited = now.length;
    let after: StoredEvent | undefined;
    try {
      while (visited < most) {
        const wanted = Math.min(WALK_ROWS, most - visited);
        const rows = await engineRows(this.#deps.engine, {
          tenant,
          where: sql`AND seq < ${below} ${conditionsOf(filter)} ${after === undefined ? sql`` : sql`AND (toUnixTimestamp64Milli(ts), seq) < (${after.at}, ${after.seq})`} ${after === undefined ? sql`` : conditionsOf({ to: after.at + 1 })}`,
          rest: sql`ORDER BY ts DESC, seq DESC LIMIT ${wanted}`,
          purpose: 'events.walk',
        });
        for (const event of rows) visit(event);
        visited += rows.length;
        after = rows.at(-1);
        if (rows.length < wanted) return { visited, more: false, warnings: [] };
        await this.#deps.breathe();
      }
      return { visited, more: true, warnings: [] };
    } catch (error) {
      if (!isAway(error)) throw error;
      return { visited, more: true, warnings: [ENGINE_AWAY] };
    }
  }

  /** One event; undefined when there is none of that id. */
  async one(tenant: string, id: string): Promise<StoredEvent | undefined> {
    const { chunks, below } = this.#deps.store.snapshot(tenant);
    const pending = await this.#gathered(eventsIn(chunks, {}));
    const found = pending.find((event) => event.id === id);
    if (found !== undefined) return found;
    const [stored] = await engineRows(this.#deps.engine, {
      tenant,
      where: sql`AND seq < ${below} AND id = ${id}`,
      rest: sql`ORDER BY seq LIMIT 1`,
      purpose: 'events.one',
    });
    return stored;
  }

  /** Events in memory that the filter keeps, and the conditions that keep those of the engine apart from them. */
  async parts(
    tenant: string,
    filter: EventFilter,
  ): Promise<{ readonly pending: readonly StoredEvent[]; readonly where: Sql }> {
    const { chunks, below } = this.#deps.store.snapshot(tenant);
    return {
      pending: await this.#gathered(eventsIn(chunks, filter)),
      where: sql`AND seq < ${below} ${conditionsOf(filter)}`,
    };
  }

  async #count(tenant: string, where: Sql, signal?: AbortSignal): Promise<number> {
    const block = await this.#deps.engine.query(
      sql`SELECT toFloat64(count()) AS events FROM ${table(eventsTable)} WHERE tenant = ${tenantHole} ${where}`,
      { purpose: 'events.count', tenant, ...(signal !== undefined && { signal }) },
    );
    return block.numbers('events')[0] ?? 0;
  }

  async #gathered(events: Iterable<StoredEvent>): Promise<StoredEvent[]> {
    const all: StoredEvent[] = [];
    for (const event of events) {
      all.push(event);
      if (all.length % SLICE === 0) await this.#deps.breathe();
    }
    return all;
  }
}

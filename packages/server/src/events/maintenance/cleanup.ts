import {
  type Engine,
  RowBinaryWriter,
  type Sql,
  schemaVersionOf,
  sql,
  table,
  tenant as tenantHole,
} from '../../engine/index.ts';
import type { Clock } from '../../kernel/clock.ts';
import { eventsErrors } from '../errors.ts';
import { engineRows } from '../store/engine-rows.ts';
import { conditionsOf } from '../store/filter.ts';
import { writeRow } from '../store/row.ts';
import { type EventsStore, isAway } from '../store/store.ts';
import type { StoredEvent } from '../store/stored-event.ts';
import { eventsTable } from '../tables.ts';
import type { Archive, Archives } from './archives.ts';

export interface CleanupDeps {
  readonly engine: Engine;
  readonly store: EventsStore;
  readonly archives: Archives;
  readonly clock: Clock;
  readonly newId: () => string;
}

export interface Cleaned {
  readonly removed: number;
  /** Null when there was nothing to remove. */
  readonly archive: Archive | null;
}

/** Which events are old. */
interface Old {
  /** Those before this moment, epoch ms; */
  readonly before: number;
  /** of them only those up to this one, where it is given. */
  readonly last?: Pick<StoredEvent, 'at' | 'seq'>;
}

const ROWS_PER_PAGE = 2000;
const ROWS_PER_INSERT = 20_000;
const BYTES_PER_INSERT = 16 * 2 ** 20;
const DAY_MS = 86_400_000;

/** Takes old events out of the store into archives, and brings them back. */
export class Cleanup {
  readonly #deps: CleanupDeps;
  readonly #running = new Set<string>();

  constructor(deps: CleanupDeps) {
    this.#deps = deps;
  }

  /** Archives, then removes old events; those that are not in the engine yet stay until the next time. */
  cleanUp(tenant: string, old: Old): Promise<Cleaned> {
    return this.#alone(tenant, () => this.#cleanUp(tenant, old));
  }

  /** Stores the events of an archive again, each once; says how many it has. The archive stays. */
  restore(tenant: string, name: string): Promise<number> {
    return this.#alone(tenant, () => this.#restore(tenant, name));
  }

  /** All of a tenant's events but its newest `most`; undefined when it has no more. */
  async surplus(tenant: string, most: number): Promise<Old | undefined> {
    const { below } = this.#deps.store.snapshot(tenant);
    const [last] = await engineRows(this.#deps.engine, {
      tenant,
      where: sql`AND seq < ${below}`,
      rest: sql`ORDER BY ts DESC, seq DESC LIMIT 1 OFFSET ${most}`,
      purpose: 'events.surplus',
    });
    return last === undefined ? undefined : { before: last.at + 1, last };
  }

  async #alone<Made>(tenant: string, work: () => Promise<Made>): Promise<Made> {
    if (this.#running.has(tenant))
      throw eventsErrors.make('running', 'events of this tenant are being archived or restored already');
    this.#running.add(tenant);
    try {
      return await work();
    } catch (error) {
      if (!isAway(error)) throw error;
      throw eventsErrors.make('unavailable', 'the engine does not answer; nothing was removed', {
        cause: error,
        retryAfterSeconds: 5,
      });
    } finally {
      this.#running.delete(tenant);
    }
  }

  async #cleanUp(tenant: string, { before, last }: Old): Promise<Cleaned> {
    const { engine, store, archives, clock, newId } = this.#deps;
    const { below } = store.snapshot(tenant);
    // Of events of one moment the ones that came first are the old ones.
    const upTo =
      last === undefined ? sql`` : sql`AND (toUnixTimestamp64Milli(ts), seq) <= (${last.at}, ${last.seq})`;
    const where = sql`AND seq < ${below} ${conditionsOf({ to: before })} ${upTo}`;
    let removed = 0;
    const counted = async function* (events: AsyncIterable<StoredEvent>): AsyncGenerator<StoredEvent, void> {
      for await (const event of events) {
        removed++;
        yield event;
      }
    };
    const pages = this.#pages(tenant, where);
    const first = await pages.next();
    if (first.done === true) return { removed: 0, archive: null };
    const at = new Date(clock.now()).toISOString().replaceAll(/[-:.]/g, '').slice(0, 15);
    const name = `events-${at}Z-${newId()
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, '')
      .slice(0, 40)}.ndjson.gz`;
    const archive = await archives.write(tenant, name, counted(chained(first.value, pages)));
    await engine.execute(sql`DELETE FROM ${table(eventsTable)} WHERE tenant = ${tenantHole} ${where}`, {
      purpose: 'events.cleanup',
      tenant,
    });
    return { removed, archive };
  }

  /** Oldest first, page by page. */
  async *#pages(tenant: string, which: Sql): AsyncGenerator<StoredEvent, void> {
    let last: StoredEvent | undefined;
    for (;;) {
      const after =
        last === undefined
          ? sql``
          : sql`${conditionsOf({ from: last.at })} AND (toUnixTimestamp64Milli(ts), seq) > (${last.at}, ${last.seq})`;
      const rows = await engineRows(this.#deps.engine, {
        tenant,
        where: sql`${which} ${after}`,
        rest: sql`ORDER BY ts, seq LIMIT ${ROWS_PER_PAGE}`,
        purpose: 'events.archive',
      });
      yield* rows;
      last = rows.at(-1);
      if (rows.length < ROWS_PER_PAGE) return;
    }
  }

  async #restore(tenant: string, name: string): Promise<number> {
    const writer = new RowBinaryWriter();
    let day = -1;
    let restored = 0;
    const insert = async (): Promise<void> => {
      const { rows, payload } = writer.take();
      if (rows === 0) return;
      // Only rows that are not there: restoring twice is harmless.
      await this.#deps.engine.insert(
        {
          table: eventsTable,
          schemaVersion: schemaVersionOf(eventsTable),
          rows,
          day,
          payload: [payload],
          reconcile: true,
        },
        { purpose: 'events.restore' },
      );
    };
    for await (const event of this.#deps.archives.read(tenant, name)) {
      const eventDay = Math.floor(event.at / DAY_MS);
      if (eventDay !== day || writer.rows >= ROWS_PER_INSERT || writer.size >= BYTES_PER_INSERT) {
        await insert();
        day = eventDay;
      }
      writeRow(writer, tenant, event);
      restored++;
    }
    await insert();
    return restored;
  }
}

async function* chained(
  first: StoredEvent,
  rest: AsyncIterable<StoredEvent>,
): AsyncGenerator<StoredEvent, void> {
  yield first;
  yield* rest;
}

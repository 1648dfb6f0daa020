import { z } from 'zod';
import {
  acrossTenants,
  dateTime64,
  type Engine,
  engineErrors,
  inList,
  sql,
  table,
} from '../../engine/index.ts';
import { type Journal, PendingRows, type StateKind, type StateStore } from '../../journal/index.ts';
import type { Clock, Timer } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Service } from '../../kernel/services.ts';
import type { EventsConfig } from '../config.ts';
import { eventsErrors } from '../errors.ts';
import type { Histories } from '../history/histories.ts';
import { eventsTable } from '../tables.ts';
import { COLUMN_BYTES, chunkOf, type EventChunk, frameOf, idWords, numberRows, readEvent } from './chunk.ts';
import { engineRows } from './engine-rows.ts';
import { GivenIds } from './given-ids.ts';
import { restoreHistories } from './restore-histories.ts';
import type { StoredEvent } from './stored-event.ts';

export interface EventsStoreDeps {
  readonly engine: Pick<Engine, 'query'>;
  readonly journal: Journal;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: Pick<EventsConfig, 'pending_memory'>;
  readonly histories: Histories;
}

/** What is in memory at one moment, and where the engine's part ends: its rows have numbers below. */
export interface PendingSnapshot {
  readonly chunks: readonly EventChunk[];
  readonly below: number;
}

/** The number of a tenant's next event, so that it is known when the engine has no event any more. */
const sequenceKind: StateKind<{ readonly next: number }> = {
  name: 'events.sequence',
  version: 1,
  schema: z.strictObject({ next: z.number() }),
};

const SAVE_EVERY_MS = 60_000;
const RETRY_AFTER_SECONDS = 2;
/** A restart learns the ids of the newest events: repeats come soon. */
const LEARN_MS = 86_400_000;
const MOST_LEARNED = 500_000;
const IDS_PER_QUERY = 500;

/** The events of all tenants: durable through the journal, in memory until the engine has them. */
export class EventsStore implements Service {
  readonly name = 'events-store';
  readonly dependsOn = ['engine', 'journal', 'state'];
  readonly #deps: EventsStoreDeps;
  readonly #pending = new PendingRows<EventChunk>(COLUMN_BYTES);
  readonly #given = new GivenIds();
  readonly #next = new Map<string, number>();
  readonly #saved = new Map<string, number>();
  readonly #listeners = new Set<(chunk: EventChunk) => void>();
  #timer: Timer | null = null;
  #unsubscribe = (): void => {};

  constructor(deps: EventsStoreDeps) {
    this.#deps = deps;
  }

  get pendingBytes(): number {
    return this.#pending.bytes;
  }

  get pendingRows(): number {
    return this.#pending.rows;
  }

  /** Hears of all events that became durable, in order; must not throw. */
  onStored(listener: (chunk: EventChunk) => void): void {
    this.#listeners.add(listener);
  }

  async start(): Promise<void> {
    const { journal, engine, clock, log, state, histories } = this.#deps;
    this.#unsubscribe = journal.onFlushed((position) => this.#pending.flushed(position));
    for (const tenant of state.tenants(sequenceKind))
      this.#advance(tenant, state.get(sequenceKind, tenant, 'next')?.value.next ?? 1);
    try {
      await this.#learn();
      await restoreHistories(engine, histories, clock.now());
    } catch (error) {
      log.warn({ err: error }, 'the newest events could not be read; histories begin anew');
    }
    await journal.replay((frame, position) => {
      if (frame.table !== eventsTable.name) return;
      const chunk = chunkOf(frame);
      this.#advance(chunk.tenant, chunk.firstSeq + chunk.rows);
      this.#given.learn(chunk.ids);
      this.#pending.add(chunk, position);
      this.#relive(chunk);
    });
    this.#timer = clock.every(SAVE_EVERY_MS, () => void this.#save());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#unsubscribe();
    await this.#save();
  }

  /** Throws `events.busy` when too much waits for the engine. */
  checkRoom(): void {
    const { pending_memory: most } = this.#deps.config;
    if (this.#pending.bytes <= most) return;
    throw eventsErrors.make(
      'busy',
      `${this.#pending.bytes} bytes of events wait for the engine, at most ${most} may`,
      { retryAfterSeconds: RETRY_AFTER_SECONDS },
    );
  }

  /** Durable when it resolves: all or nothing. Rejects with a journal error. */
  async append(tenant: string, chunks: readonly EventChunk[]): Promise<void> {
    if (chunks.length === 0) return;
    let next = this.#next.get(tenant) ?? 1;
    for (const chunk of chunks) next = numberRows(chunk, next);
    this.#next.set(tenant, next);
    // Nothing may come between numbers and journal: both are in one order.
    const position = await this.#deps.journal.append(chunks.map(frameOf));
    for (const chunk of chunks) {
      this.#pending.add(chunk, position);
      this.#given.learn(chunk.ids);
      for (const listener of this.#listeners) listener(chunk);
    }
  }

  /** Events of a tenant since it has any, those that were removed too. */
  total(tenant: string): number {
    return (this.#next.get(tenant) ?? 1) - 1;
  }

  /** Tenants that have sent events. */
  tenants(): readonly string[] {
    return [...this.#next.keys()];
  }

  snapshot(tenant: string): PendingSnapshot {
    const chunks = this.#pending.of(tenant);
    return { chunks, below: chunks[0]?.firstSeq ?? this.#next.get(tenant) ?? 1 };
  }

  /** Whether an event of that id may be there; false for certain. */
  mayHave(tenant: string, id: string): boolean {
    return this.#given.has(tenant, id);
  }

  /** The events of some ids, and the ids that cannot be looked up because the engine is away. */
  async byIds(
    tenant: string,
    ids: readonly string[],
  ): Promise<{ readonly found: ReadonlyMap<string, StoredEvent>; readonly unknown: readonly string[] }> {
    const found = this.#pendingByIds(tenant, ids);
    const missing = ids.filter((id) => !found.has(id));
    const { engine } = this.#deps;
    try {
      for (let at = 0; at < missing.length; at += IDS_PER_QUERY) {
        const some = missing.slice(at, at + IDS_PER_QUERY);
        const rows = await engineRows(engine, {
          tenant,
          where: sql`AND id IN ${inList(some)} AND given = 1`,
          rest: sql`ORDER BY seq LIMIT 1 BY id`,
          purpose: 'events.repeat',
        });
        for (const event of rows) found.set(event.id, event);
      }
    } catch (error) {
      if (!isAway(error)) throw error;
      return { found, unknown: missing.filter((id) => !found.has(id)) };
    }
    return { found, unknown: [] };
  }

  #pendingByIds(tenant: string, ids: readonly string[]): Map<string, StoredEvent> {
    const found = new Map<string, StoredEvent>();
    const words = new Uint32Array(2);
    const wanted = new Map<string, string>();
    for (const id of ids) {
      idWords(tenant, id, words, 0);
      wanted.set(`${words[0]} ${words[1]}`, id);
    }
    for (const chunk of this.#pending.of(tenant))
      for (let row = 0; row < chunk.rows; row++) {
        const low = chunk.ids[row * 2];
        if (low === 0) continue;
        const id = wanted.get(`${low} ${chunk.ids[row * 2 + 1]}`);
        if (id === undefined || found.has(id)) continue;
        const event = readEvent(chunk, row);
        if (event.id === id) found.set(id, event);
      }
    return found;
  }

  #relive(chunk: EventChunk): void {
    const { histories, clock } = this.#deps;
    for (let row = 0; row < chunk.rows; row++)
      resumeFrom(histories, chunk.tenant, readEvent(chunk, row), clock.now());
  }

  #advance(tenant: string, next: number): void {
    this.#next.set(tenant, Math.max(next, this.#next.get(tenant) ?? 1));
  }

  async #learn(): Promise<void> {
    const { engine, clock } = this.#deps;
    const last = await engine.query(
      sql`${acrossTenants}SELECT toString(tenant) AS name, max(seq) AS last FROM ${table(eventsTable)} GROUP BY name`,
      { purpose: 'events.restart', tenant: '', limits: 'background' },
    );
    for (const [row, tenant] of last.strings('name').entries())
      this.#advance(tenant, (last.numbers('last')[row] ?? 0) + 1);
    const given = await engine.query(
      sql`${acrossTenants}SELECT toString(tenant) AS name, id FROM ${table(eventsTable)}
        WHERE given = 1 AND ts >= ${dateTime64(clock.now() - LEARN_MS)} ORDER BY ts DESC LIMIT ${MOST_LEARNED}`,
      { purpose: 'events.restart', tenant: '', limits: 'background' },
    );
    const ids = given.strings('id');
    for (const [row, tenant] of given.strings('name').entries()) this.#given.add(tenant, ids[row] ?? '');
  }

  async #save(): Promise<void> {
    const { state, log } = this.#deps;
    try {
      for (const [tenant, next] of this.#next) {
        if (this.#saved.get(tenant) === next) continue;
        await state.put(sequenceKind, tenant, 'next', { next });
        this.#saved.set(tenant, next);
      }
    } catch (error) {
      log.warn({ err: error }, 'the number of events could not be saved; the next attempt comes in a minute');
    }
  }
}

/** What a stored event says of its source's history. */
function resumeFrom(histories: Histories, tenant: string, event: StoredEvent, now: number): void {
  const { baseline } = event;
  const key = { tenant, source: event.source, eventType: event.eventType };
  for (const [index, name] of baseline.names.entries())
    histories.resume(
      key,
      {
        name,
        value: baseline.values[index],
        count: baseline.counts[index],
        mean: baseline.means[index],
        variance: baseline.variances[index],
        fast: baseline.fasts[index],
      },
      now,
    );
  histories.resumeShape(key, baseline.shape, 1, now);
}

/** Whether the engine does not answer at the moment; what it refuses is another matter. */
export function isAway(error: unknown): boolean {
  return engineErrors.is(error, 'gone') || engineErrors.is(error, 'retryable');
}

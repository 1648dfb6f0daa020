import { DayChunks } from '../../journal/index.ts';
import { ChunkWriter, type EventChunk } from '../store/chunk.ts';
import type { StoredEvent } from '../store/stored-event.ts';

const DAY_MS = 86_400_000;

/** The rows of events that become durable together. */
export class EventGroup {
  readonly #chunks: DayChunks<EventChunk, ChunkWriter>;

  constructor(tenant: string) {
    this.#chunks = new DayChunks((day) => new ChunkWriter(tenant, day));
  }

  add(event: StoredEvent): void {
    this.#chunks.writer(Math.floor(event.at / DAY_MS)).add(event);
  }

  take(): readonly EventChunk[] {
    return this.#chunks.take();
  }
}

interface OpenGroup {
  readonly group: EventGroup;
  readonly done: Promise<void>;
}

export interface SharedGroupsDeps {
  readonly append: (tenant: string, chunks: readonly EventChunk[]) => Promise<void>;
  /** Lets the other requests of this moment come along. */
  readonly breathe: () => Promise<void>;
}

/**
 * Events that come one by one, gathered: while a group becomes durable the next one fills, so that many requests share rows, a
 * journal frame and an fsync.
 */
export class SharedGroups {
  readonly #deps: SharedGroupsDeps;
  readonly #open = new Map<string, OpenGroup>();
  readonly #last = new Map<string, Promise<void>>();

  constructor(deps: SharedGroupsDeps) {
    this.#deps = deps;
  }

  /** Durable when it resolves. Rejects with a journal error when nothing of the group was stored. */
  async add(tenant: string, event: StoredEvent): Promise<void> {
    let open = this.#open.get(tenant);
    if (open === undefined) {
      const group = new EventGroup(tenant);
      open = { group, done: this.#commit(tenant, group) };
      this.#open.set(tenant, open);
    }
    open.group.add(event);
    await open.done;
  }

  async #commit(tenant: string, group: EventGroup): Promise<void> {
    const before = this.#last.get(tenant);
    await this.#deps.breathe();
    await before?.catch(() => {});
    this.#open.delete(tenant);
    const done = this.#deps.append(tenant, group.take());
    this.#last.set(tenant, done);
    await done;
  }
}

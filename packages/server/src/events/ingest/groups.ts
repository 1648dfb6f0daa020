import { DayChunks } from '../../journal/index.ts';
import type { Histories } from '../history/histories.ts';
import type { Lesson } from '../history/lesson.ts';
import { ChunkWriter, type EventChunk } from '../store/chunk.ts';
import type { StoredEvent } from '../store/stored-event.ts';

const DAY_MS = 86_400_000;

/** The rows of events that become durable together, and what they teach when they are. */
export class EventGroup {
  readonly lesson: Lesson;
  readonly #chunks: DayChunks<EventChunk, ChunkWriter>;

  /** @param expectedBytes of their rows, as far as that is known. */
  constructor(tenant: string, lesson: Lesson, expectedBytes?: number) {
    this.lesson = lesson;
    this.#chunks = new DayChunks((day) => new ChunkWriter(tenant, day, expectedBytes));
  }

  add(event: StoredEvent): void {
    this.#chunks.writer(Math.floor(event.at / DAY_MS)).add(event);
  }

  take(): readonly EventChunk[] {
    return this.#chunks.take();
  }
}

export interface OpenGroup {
  readonly group: EventGroup;
  /** Durable when it resolves. Rejects with a journal error when nothing of the group was stored. */
  readonly done: Promise<void>;
}

export interface SharedGroupsDeps {
  readonly append: (tenant: string, group: EventGroup) => Promise<void>;
  readonly histories: Histories;
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

  /** The group that fills at this moment; valid until something else runs. */
  open(tenant: string): OpenGroup {
    let open = this.#open.get(tenant);
    if (open === undefined) {
      const group = new EventGroup(tenant, this.#deps.histories.lesson(tenant));
      open = { group, done: this.#commit(tenant, group) };
      this.#open.set(tenant, open);
    }
    return open;
  }

  async #commit(tenant: string, group: EventGroup): Promise<void> {
    const before = this.#last.get(tenant);
    await this.#deps.breathe();
    await before?.catch(() => {});
    this.#open.delete(tenant);
    const done = this.#deps.append(tenant, group);
    this.#last.set(tenant, done);
    await done;
  }
}

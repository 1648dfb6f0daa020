import type { Counter } from 'prom-client';
import { PharosError } from '../../kernel/errors.ts';
import { eventsErrors } from '../errors.ts';
import type { EventsStore } from '../store/store.ts';
import type { StoredEvent } from '../store/stored-event.ts';
import { BatchAnswers, type RenderVerdict } from './batch-answers.ts';
import { batchItems, type Item } from './batch-items.ts';
import { BodyText } from './body-text.ts';
import { EventGroup, SharedGroups } from './groups.ts';
import type { Judge, ReadEvent } from './judge.ts';

export interface EventDoorsDeps {
  readonly judge: Judge;
  readonly store: EventsStore;
  readonly refused: Counter;
  readonly mostItems: number;
  /** Lets other work run in the middle of a long batch. */
  readonly breathe: () => Promise<void>;
}

/** The answer to one event. */
export interface Judged {
  readonly event: StoredEvent;
  /** It was there already: the verdict is the one that was given then. */
  readonly duplicate: boolean;
}

interface BatchItemError {
  readonly index: number;
  readonly message: string;
}

export interface BatchOutcome {
  readonly total: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly errors: readonly BatchItemError[];
  /** What was rendered, in order and with commas between. */
  readonly verdicts: readonly Buffer[];
}

/** Items between two pauses: a few milliseconds. */
const SLICE = 200;
const SCANNED_TOGETHER = 5000;

/** The ways in for events: judged at once, stored before they are answered, once for each id. */
export class EventDoors {
  readonly #deps: EventDoorsDeps;
  readonly #groups: SharedGroups;
  /** Ids that are being stored, with what will be their answer. */
  readonly #flying = new Map<string, Promise<StoredEvent>>();

  constructor(deps: EventDoorsDeps) {
    this.#deps = deps;
    this.#groups = new SharedGroups({
      append: (tenant, chunks) => deps.store.append(tenant, chunks),
      breathe: deps.breathe,
    });
  }

  /** Rejects with `events.badEvent`, `events.busy` or a journal error; then nothing was stored. */
  async one(tenant: string, bytes: Uint8Array): Promise<Judged> {
    const { judge, store } = this.#deps;
    store.checkRoom();
    const read = this.#read(new BodyText(bytes), 0, bytes.length);
    const { id } = read.event;
    if (id === '') {
      const event = judge.judge(tenant, read);
      await this.#groups.add(tenant, event);
      return { event, duplicate: false };
    }
    if (!this.#flying.has(keyOf(tenant, id)) && store.mayHave(tenant, id)) {
      const found = (await this.#stored(tenant, [read])).get(id);
      if (found !== undefined) return { event: found, duplicate: true };
    }
    // From here to `#fly` nothing else runs: of two that come at once, the second finds the first.
    const flying = this.#flying.get(keyOf(tenant, id));
    if (flying !== undefined) return { event: await flying, duplicate: true };
    const event = judge.judge(tenant, read);
    const stored = this.#groups.add(tenant, event).then(() => event);
    return { event: await this.#fly(tenant, id, stored), duplicate: false };
  }

  /** Keeps every item that is an event. Rejects as {@link one} does for failures of the store; then nothing was stored. */
  async batch(tenant: string, bytes: Uint8Array, render: RenderVerdict): Promise<BatchOutcome> {
    const { store, breathe } = this.#deps;
    store.checkRoom();
    const body = new BodyText(bytes);
    const items = await this.#itemsOf(body.bytes);
    const batch = new OpenBatch(tenant, render);
    try {
      for (let from = 0; from < items.length; from += SLICE) {
        if (from > 0) await breathe();
        await this.#judgeSlice(batch, this.#readSlice(batch, body, items.slice(from, from + SLICE)));
        batch.answers.endSlice();
      }
    } catch (error) {
      batch.end(Promise.reject(error));
      throw error;
    }
    batch.end(store.append(tenant, batch.group.take()));
    await batch.done;
    const { answers, errors } = batch;
    const verdicts = await answers.take();
    return {
      total: answers.size,
      accepted: answers.accepted,
      duplicates: answers.duplicates,
      errors,
      verdicts,
    };
  }

  async #itemsOf(bytes: Uint8Array): Promise<readonly Item[]> {
    const { mostItems, breathe } = this.#deps;
    const items: Item[] = [];
    for (const item of batchItems(bytes)) {
      if (items.length >= mostItems)
        throw eventsErrors.make('badBatch', `the batch has more than ${mostItems} events; send it in parts`);
      items.push(item);
      if (items.length % SCANNED_TOGETHER === 0) await breathe();
    }
    if (items.length === 0)
      throw eventsErrors.make(
        'badBatch',
        'the batch is empty; expected a JSON array or one JSON object per line',
      );
    return items;
  }

  /** What the items say; undefined for what is no event. */
  #readSlice(batch: OpenBatch, body: BodyText, items: readonly Item[]): readonly (ReadEvent | undefined)[] {
    const before = batch.answers.size;
    return items.map(({ start, end }, at) => {
      try {
        return this.#read(body, start, end);
      } catch (error) {
        if (!(error instanceof PharosError)) throw error;
        batch.errors.push({ index: before + at, message: error.message });
        return undefined;
      }
    });
  }

  async #judgeSlice(batch: OpenBatch, reads: readonly (ReadEvent | undefined)[]): Promise<void> {
    const { judge, store } = this.#deps;
    const { tenant, answers, group } = batch;
    const known = new Map<string, StoredEvent>();
    const looked = new Set<string>();
    for (;;) {
      const asked = reads.filter(
        (read) =>
          read !== undefined &&
          read.event.id !== '' &&
          !looked.has(read.event.id) &&
          store.mayHave(tenant, read.event.id),
      );
      // From here on nothing else runs: no id comes in between.
      if (asked.length === 0) break;
      for (const read of asked) if (read !== undefined) looked.add(read.event.id);
      for (const [id, event] of await this.#stored(tenant, asked)) known.set(id, event);
    }
    for (const read of reads) {
      if (read === undefined) {
        answers.skip();
        continue;
      }
      const { id } = read.event;
      const earlier = id === '' ? undefined : (known.get(id) ?? this.#flying.get(keyOf(tenant, id)));
      if (earlier !== undefined) {
        answers.repeat(earlier);
        continue;
      }
      const event = judge.judge(tenant, read);
      group.add(event);
      answers.add(event);
      if (id !== '') void this.#fly(tenant, id, batch.stored(event)).catch(() => {});
    }
  }

  /** The events of repeated ids. While they cannot be read, repeats are judged again, and not stored. */
  async #stored(
    tenant: string,
    reads: readonly (ReadEvent | undefined)[],
  ): Promise<ReadonlyMap<string, StoredEvent>> {
    const { judge, store } = this.#deps;
    const byId = new Map<string, ReadEvent>();
    for (const read of reads) if (read !== undefined) byId.set(read.event.id, read);
    if (byId.size === 0) return NOTHING;
    const { found, unknown } = await store.byIds(tenant, [...byId.keys()]);
    if (unknown.length === 0) return found;
    const all = new Map(found);
    for (const id of unknown) {
      const read = byId.get(id);
      if (read !== undefined) all.set(id, judge.judge(tenant, read));
    }
    return all;
  }

  async #fly(tenant: string, id: string, stored: Promise<StoredEvent>): Promise<StoredEvent> {
    const key = keyOf(tenant, id);
    this.#flying.set(key, stored);
    try {
      return await stored;
    } finally {
      this.#flying.delete(key);
    }
  }

  #read(body: BodyText, start: number, end: number): ReadEvent {
    try {
      return this.#deps.judge.read(body, start, end);
    } catch (error) {
      this.#deps.refused.inc();
      throw error;
    }
  }
}

function keyOf(tenant: string, id: string): string {
  return `${tenant}\n${id}`;
}

const NOTHING: ReadonlyMap<string, StoredEvent> = new Map();

/** A batch on its way, and its promise to those who have one of its ids. */
class OpenBatch {
  readonly tenant: string;
  readonly group: EventGroup;
  readonly answers: BatchAnswers;
  readonly errors: BatchItemError[] = [];
  readonly done: Promise<void>;
  end: (stored: Promise<void>) => void = () => {};

  constructor(tenant: string, render: RenderVerdict) {
    this.tenant = tenant;
    this.answers = new BatchAnswers(render);
    this.group = new EventGroup(tenant);
    this.done = new Promise((resolve) => {
      this.end = resolve;
    });
    // Whoever waits hears of a failure; it may be nobody.
    this.done.catch(() => {});
  }

  async stored(event: StoredEvent): Promise<StoredEvent> {
    await this.done;
    return event;
  }
}

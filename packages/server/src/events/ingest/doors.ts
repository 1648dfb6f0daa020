import type { Counter } from 'prom-client';
import { PharosError } from '../../kernel/errors.ts';
import { eventsErrors } from '../errors.ts';
import type { Histories } from '../history/histories.ts';
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
  readonly histories: Histories;
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
/** What a row takes beside the event as it was sent, about: its verdict and baseline. */
const ROW_BYTES = 256;
/** Larger batches get more than one chunk. */
const MOST_EXPECTED_BYTES = 4.5 * 1024 * 1024;

/** The ways in for events: judged at once, stored before they are answered, once for each id. */
export class EventDoors {
  readonly #deps: EventDoorsDeps;
  readonly #groups: SharedGroups;
  /** Ids that are being stored, with what will be their answer. */
  readonly #flying = new Map<string, Promise<StoredEvent>>();

  constructor(deps: EventDoorsDeps) {
    this.#deps = deps;
    const { histories, breathe } = deps;
    this.#groups = new SharedGroups({
      append: (tenant, group) => this.#append(tenant, group),
      histories,
      breathe,
    });
  }

  /** Rejects with `events.badEvent`, `events.busy` or a journal error; then nothing was stored. */
  async one(tenant: string, bytes: Uint8Array): Promise<Judged> {
    const { store } = this.#deps;
    store.checkRoom();
    const read = this.#read(new BodyText(bytes), 0, bytes.length);
    const { id } = read.event;
    if (id === '') return { event: await this.#judgeOne(tenant, read), duplicate: false };
    if (!this.#flying.has(keyOf(tenant, id)) && store.mayHave(tenant, id)) {
      const found = (await this.#stored(tenant, [read])).get(id);
      if (found !== undefined) return { event: found, duplicate: true };
    }
    // From here to `#fly` nothing else runs: of two that come at once, the second finds the first.
    const flying = this.#flying.get(keyOf(tenant, id));
    if (flying !== undefined) return { event: await flying, duplicate: true };
    return { event: await this.#fly(tenant, id, this.#judgeOne(tenant, read)), duplicate: false };
  }

  /** Judged and written at once, stored when it resolves. */
  async #judgeOne(tenant: string, read: ReadEvent): Promise<StoredEvent> {
    const { group, done } = this.#groups.open(tenant);
    const event = this.#deps.judge.judge(tenant, group.lesson, read);
    group.add(event);
    await done;
    return event;
  }

  async #append(tenant: string, group: EventGroup): Promise<void> {
    await this.#deps.store.append(tenant, group.take());
    group.lesson.learn();
  }

  /** Keeps every item that is an event. Rejects as {@link one} does for failures of the store; then nothing was stored. */
  async batch(tenant: string, bytes: Uint8Array, render: RenderVerdict): Promise<BatchOutcome> {
    const { store, histories, breathe } = this.#deps;
    store.checkRoom();
    const body = new BodyText(bytes);
    const items = await this.#itemsOf(body.bytes);
    const expectedBytes = Math.min(bytes.length + items.length * ROW_BYTES, MOST_EXPECTED_BYTES);
    const group = new EventGroup(tenant, histories.lesson(tenant), expectedBytes);
    const batch = new OpenBatch(tenant, group, render);
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
    batch.end(this.#append(tenant, group));
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
      const event = judge.judge(tenant, group.lesson, read);
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
    const { judge, store, histories } = this.#deps;
    const byId = new Map<string, ReadEvent>();
    for (const read of reads) if (read !== undefined) byId.set(read.event.id, read);
    if (byId.size === 0) return NOTHING;
    const { found, unknown } = await store.byIds(tenant, [...byId.keys()]);
    if (unknown.length === 0) return found;
    const all = new Map(found);
    // Nobody learns from it: the event is stored, and was learnt from then.
    const lesson = histories.lesson(tenant);
    for (const id of unknown) {
      const read = byId.get(id);
      if (read !== undefined) all.set(id, judge.judge(tenant, lesson, read));
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

  constructor(tenant: string, group: EventGroup, render: RenderVerdict) {
    this.tenant = tenant;
    this.answers = new BatchAnswers(render);
    this.group = group;
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

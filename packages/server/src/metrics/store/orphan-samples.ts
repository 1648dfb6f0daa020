import type { Position } from '../../journal/index.ts';
import type { Head } from './head/head.ts';
import { TimeRows } from './head/time-rows.ts';
import type { SampleRow } from './rows.ts';
import { keyText, type SeriesKey } from './series-key.ts';
import type { SeriesDirectory } from './series-lookup.ts';

/** What is more than a float. */
export interface RichOrphan {
  readonly timestamp: number;
  readonly position: Position;
  /** Makes it visible under the ref that its series now has. */
  readonly show: (ref: number) => void;
}

/** Columns of the floats of one series. */
const [TIME, VALUE, START, POSITION, COLUMNS] = [0, 1, 2, 3, 4];

interface Waiting {
  readonly key: SeriesKey;
  floats: TimeRows;
  rich: RichOrphan[];
  /** No sample has a position before this one. */
  oldest: Position;
}

/**
 * Replayed samples whose series row left the journal earlier: only the engine knows their labels. They wait here when it
 * is away, and become visible when it is back (or when their series is written again). There may be as many as the journal has room
 * for, so that floats wait in columns.
 */
export class OrphanSamples {
  readonly #head: Head;
  readonly #waiting = new Map<string, Map<string, Waiting>>();
  #count = 0;

  constructor(head: Head) {
    this.#head = head;
  }

  get count(): number {
    return this.#count;
  }

  /** Of a time that the series has already, the first one stays. */
  addFloat(tenant: string, key: SeriesKey, { timestamp, start, value }: SampleRow, position: Position): void {
    const waiting = this.#of(tenant, key);
    const row = waiting.floats.insert(timestamp);
    if (row === null) return;
    waiting.oldest = Math.min(waiting.oldest, position);
    row.columns[VALUE].set(value, row.index);
    row.columns[START][row.index] = start;
    row.columns[POSITION][row.index] = position;
    this.#count++;
  }

  addRich(tenant: string, key: SeriesKey, orphan: RichOrphan): void {
    const waiting = this.#of(tenant, key);
    waiting.rich.push(orphan);
    waiting.oldest = Math.min(waiting.oldest, orphan.position);
    this.#count++;
  }

  /** Makes visible whatever the directory knows the labels of; the rest goes on waiting. */
  async adopt(series: SeriesDirectory, signal?: AbortSignal): Promise<void> {
    for (const [tenant, all] of this.#waiting) {
      const unknown = [...all.values()].flatMap(({ key }) =>
        this.#head.refOf(tenant, key) === 0 ? [key] : [],
      );
      if (unknown.length > 0) {
        const found = await series.byKeys(tenant, unknown, signal);
        for (const { labels } of found) this.#head.resolve(tenant, labels);
      }
      for (const [id, waiting] of all) {
        const ref = this.#head.refOf(tenant, waiting.key);
        if (ref === 0) continue;
        all.delete(id);
        this.#show(ref, waiting);
      }
    }
  }

  /** Lets go of what is in the engine by now, which answers for it: the head's floor rises above it. */
  collect(flushed: Position): void {
    if (this.#count === 0) return;
    let newest = Number.NEGATIVE_INFINITY;
    for (const all of this.#waiting.values()) {
      for (const [id, waiting] of all) {
        if (waiting.oldest > flushed) continue;
        newest = Math.max(newest, this.#drop(waiting, flushed));
        if (waiting.floats.count + waiting.rich.length === 0) all.delete(id);
      }
    }
    if (newest === Number.NEGATIVE_INFINITY) return;
    this.#head.raiseFloor(newest + 1);
    this.#head.engineAnswersChanged();
  }

  /** The newest time that was dropped. */
  #drop(waiting: Waiting, flushed: Position): number {
    const { floats, rich } = waiting;
    let newest = Number.NEGATIVE_INFINITY;
    let oldest = Number.POSITIVE_INFINITY;
    const stays = (position: Position): boolean => {
      if (position <= flushed) return false;
      oldest = Math.min(oldest, position);
      return true;
    };
    waiting.floats = floats.filter((columns, i) => {
      if (stays(columns[POSITION][i])) return true;
      newest = Math.max(newest, columns[TIME][i]);
      return false;
    });
    waiting.rich = rich.filter(({ timestamp, position }) => {
      if (stays(position)) return true;
      newest = Math.max(newest, timestamp);
      return false;
    });
    waiting.oldest = oldest;
    this.#count -= floats.count + rich.length - waiting.floats.count - waiting.rich.length;
    return newest;
  }

  #of(tenant: string, key: SeriesKey): Waiting {
    let all = this.#waiting.get(tenant);
    if (all === undefined) this.#waiting.set(tenant, (all = new Map<string, Waiting>()));
    const id = keyText(key);
    let waiting = all.get(id);
    if (waiting === undefined)
      all.set(
        id,
        (waiting = { key, floats: new TimeRows(COLUMNS), rich: [], oldest: Number.POSITIVE_INFINITY }),
      );
    return waiting;
  }

  #show(ref: number, { floats, rich }: Waiting): void {
    floats.each(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, (columns, from, to) => {
      for (let i = from; i < to; i++) showFloat(this.#head, ref, columns, i);
    });
    for (const { show } of rich) show(ref);
    this.#count -= floats.count + rich.length;
  }
}

function showFloat(head: Head, ref: number, columns: readonly Float64Array[], i: number): void {
  const [timestamp, start, position] = [columns[TIME][i], columns[START][i], columns[POSITION][i]];
  if (start === 0) head.insert(ref, timestamp, columns[VALUE], i, position);
  else head.insertStarted(ref, columns[VALUE], i, { timestamp, start, position });
}

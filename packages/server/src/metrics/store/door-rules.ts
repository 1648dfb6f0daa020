import type { AppendKind, Rejection, RejectReason, SeriesRef } from '../sink.ts';
import { ColumnArena } from './head/column-arena.ts';
import type { Head } from './head/head.ts';
import { slotOf } from './head/series-pages.ts';
import { dayOf } from './rows.ts';

/** The columns an appender collected; index by index one sample. */
export interface Collected {
  readonly count: number;
  readonly refs: Uint32Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
}

/** Sample times the doors accept, ms, inclusive. */
export interface AcceptedTimes {
  readonly oldest: number;
  readonly newest: number;
}

/** What survived the door rules: indices into the appender's columns, by UTC day. */
export interface Accepted {
  readonly byDay: Map<number, number[]>;
  count: number;
  duplicates: number;
  readonly rejections: Rejections;
}

/** Counts what is turned away, by kind and reason, with the first of each as an example. */
export class Rejections {
  readonly #byReason = new Map<string, { -readonly [K in keyof Rejection]: Rejection[K] }>();

  add(kind: AppendKind, reason: RejectReason, ref: SeriesRef, timestamp: number): void {
    const id = `${kind} ${reason}`;
    const known = this.#byReason.get(id);
    if (known === undefined) this.#byReason.set(id, { kind, reason, count: 1, ref, timestamp });
    else known.count++;
  }

  list(): readonly Rejection[] {
    return [...this.#byReason.values()];
  }
}

type Verdict = 'fresh' | 'duplicate' | 'conflict';

/** Sorts the collected samples into accepted ones by day, duplicates, and rejected ones. */
export function applyDoorRules(head: Head, collected: Collected, times: AcceptedTimes): Accepted {
  const accepted: Accepted = { byDay: new Map(), count: 0, duplicates: 0, rejections: new Rejections() };
  const { rejections } = accepted;
  const check = new DuplicateCheck(head, collected);
  let day = Number.NaN;
  let indices: number[] = [];
  for (let i = 0; i < collected.count; i++) {
    const timestamp = collected.timestamps[i];
    const ref = collected.refs[i];
    if (!(timestamp >= times.oldest)) {
      rejections.add('sample', 'too_old', ref, timestamp);
      continue;
    }
    if (timestamp > times.newest) {
      rejections.add('sample', 'too_far_ahead', ref, timestamp);
      continue;
    }
    const verdict = check.of(i);
    if (verdict === 'duplicate') accepted.duplicates++;
    else if (verdict === 'conflict') rejections.add('sample', 'duplicate_timestamp', ref, timestamp);
    else {
      const sampleDay = dayOf(timestamp);
      if (sampleDay !== day) {
        day = sampleDay;
        indices = accepted.byDay.get(day) ?? [];
        accepted.byDay.set(day, indices);
      }
      indices.push(i);
      accepted.count++;
    }
  }
  return accepted;
}

/** Whether a series already has a sample of that time, in the head or earlier in the request: the first one stays (RW-4). */
class DuplicateCheck {
  readonly #head: Head;
  readonly #request: number;
  readonly #collected: Collected;
  readonly #words: Uint32Array;
  readonly #arena = new ColumnArena();
  /** Index of the request's first sample of a series and time; only made when a request is not in time order. */
  #seen: Map<string, number> | null = null;

  constructor(head: Head, collected: Collected) {
    this.#head = head;
    this.#request = head.nextRequest();
    this.#collected = collected;
    this.#words = wordsOf(collected.values);
  }

  of(i: number): Verdict {
    const ref = this.#collected.refs[i];
    const timestamp = this.#collected.timestamps[i];
    const page = this.#head.pageOf(ref);
    if (page === undefined) return 'conflict';
    const slot = slotOf(ref);
    const last = page.lastTimestamp[slot];
    if (timestamp === last) return this.#compare(i, wordsOf(page.lastValue), slot);
    if (timestamp < last) {
      this.#arena.next = 0;
      const stored = this.#head.at(ref, timestamp, this.#arena);
      if (stored !== null) return this.#compare(i, wordsOf(stored.values), stored.from);
    }
    if (page.request[slot] === this.#request) {
      const before = page.requestNewest[slot];
      const newest = this.#collected.timestamps[before];
      if (timestamp === newest) return this.#compare(i, this.#words, before);
      if (timestamp < newest) return this.#outOfOrder(i, `${ref}:${timestamp}`);
    } else {
      page.request[slot] = this.#request;
    }
    page.requestNewest[slot] = i;
    if (this.#seen !== null) this.#remember(this.#seen, i);
    return 'fresh';
  }

  /** Out of order within one request is rare; only then is every sample before this one remembered. */
  #outOfOrder(i: number, id: string): Verdict {
    if (this.#seen === null) {
      this.#seen = new Map();
      for (let before = 0; before < i; before++) this.#remember(this.#seen, before);
    }
    const first = this.#seen.get(id);
    if (first !== undefined) return this.#compare(i, this.#words, first);
    this.#remember(this.#seen, i);
    return 'fresh';
  }

  #remember(seen: Map<string, number>, i: number): void {
    const id = `${this.#collected.refs[i]}:${this.#collected.timestamps[i]}`;
    if (!seen.has(id)) seen.set(id, i);
  }

  #compare(i: number, words: Uint32Array, at: number): Verdict {
    const own = this.#words;
    return own[i * 2] === words[at * 2] && own[i * 2 + 1] === words[at * 2 + 1] ? 'duplicate' : 'conflict';
  }
}

/** The bits of a column of doubles, so that NaNs are told apart and are equal to themselves. */
function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

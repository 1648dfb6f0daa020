import type { AppendKind, Rejection, RejectReason, SeriesRef } from '../sink.ts';
import type { Head } from './head/head.ts';
import type { SampleFinder } from './head/sample-finder.ts';
import { HISTOGRAMS, slotOf } from './head/series-pages.ts';
import { sameRecord } from './histograms/codec.ts';
import { dayOf } from './rows.ts';

/** The columns an appender collected; index by index one sample. */
export interface Collected {
  readonly count: number;
  readonly refs: Uint32Array;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** Of the indices that are native histograms, their records; null when there is none. */
  readonly records: ReadonlyMap<number, Uint8Array> | null;
  /** The time of all of them; not a number when they differ. */
  readonly time: number;
}

/** Sample times the doors accept, ms, inclusive. */
export interface AcceptedTimes {
  readonly oldest: number;
  readonly newest: number;
}

/** What survived the door rules: indices into the appender's columns, ascending, by UTC day. */
export interface Accepted {
  readonly byDay: ReadonlyMap<number, Uint32Array>;
  readonly samples: Counted;
  readonly histograms: Counted;
  readonly rejections: Rejections;
}

interface Counted {
  stored: number;
  duplicates: number;
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

type Verdict = 'fresh' | 'duplicate' | 'duplicate_timestamp';

/** Sorts the collected samples into accepted ones by day, duplicates, and rejected ones. */
export function applyDoorRules(head: Head, collected: Collected, times: AcceptedTimes): Accepted {
  return acceptAll(head, collected, times) ?? acceptEach(head, collected, times);
}

/** All of them at once, as long as they are floats of one time, each newer than all that its series has: what a scrape brings. */
function acceptAll(head: Head, collected: Collected, times: AcceptedTimes): Accepted | null {
  const { count, refs, records, time } = collected;
  if (records !== null || !(time >= times.oldest && time <= times.newest)) return null;
  const request = head.nextRequest();
  for (let i = 0; i < count; i++) {
    const page = head.pageOf(refs[i]);
    if (page === undefined) return null;
    const slot = slotOf(refs[i]);
    if (time <= page.lastTimestamp[slot] || page.request[slot] === request) return null;
    page.request[slot] = request;
  }
  return {
    byDay: new Map([[dayOf(time), firstIndices(count)]]),
    samples: { stored: count, duplicates: 0 },
    histograms: { stored: 0, duplicates: 0 },
    rejections: new Rejections(),
  };
}

let ascending = new Uint32Array(0);

/** 0, 1, 2 and so on. */
function firstIndices(count: number): Uint32Array {
  if (ascending.length < count) ascending = Uint32Array.from({ length: count * 2 }, (_, i) => i);
  return ascending.subarray(0, count);
}

function acceptEach(head: Head, collected: Collected, times: AcceptedTimes): Accepted {
  const byDay = new Map<number, number[]>();
  const samples = { stored: 0, duplicates: 0 };
  const histograms = { stored: 0, duplicates: 0 };
  const rejections = new Rejections();
  const check = new DuplicateCheck(head, collected);
  const { records } = collected;
  let day = Number.NaN;
  let indices: number[] = [];
  for (let i = 0; i < collected.count; i++) {
    const timestamp = collected.timestamps[i];
    const verdict = verdictOf(timestamp, times) ?? check.of(i);
    const isHistogram = records !== null && records.has(i);
    const counted = isHistogram ? histograms : samples;
    if (verdict === 'fresh') {
      const sampleDay = dayOf(timestamp);
      if (sampleDay !== day) {
        day = sampleDay;
        indices = byDay.get(day) ?? [];
        byDay.set(day, indices);
      }
      indices.push(i);
      counted.stored++;
    } else if (verdict === 'duplicate') counted.duplicates++;
    else rejections.add(isHistogram ? 'histogram' : 'sample', verdict, collected.refs[i], timestamp);
  }
  const columns = [...byDay].map(([of, found]) => [of, Uint32Array.from(found)] as const);
  return { byDay: new Map(columns), samples, histograms, rejections };
}

/** What the time alone says, or undefined. A time that is no number is too old. */
export function verdictOf(timestamp: number, times: AcceptedTimes): 'too_old' | 'too_far_ahead' | undefined {
  if (!(timestamp >= times.oldest)) return 'too_old';
  return timestamp > times.newest ? 'too_far_ahead' : undefined;
}

/** Whether a series already has a sample of that time, in the head or earlier in the request: the first one stays (RW-4). */
class DuplicateCheck {
  readonly #head: Head;
  readonly #request: number;
  readonly #collected: Collected;
  readonly #words: Uint32Array;
  /** Only made when a sample is older than its series' newest. */
  #finder: SampleFinder | null = null;
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
    if (page === undefined) return 'duplicate_timestamp';
    const slot = slotOf(ref);
    const last = page.lastTimestamp[slot];
    const plain = (page.kinds[slot] & HISTOGRAMS) === 0;
    if (timestamp === last && plain) return this.#compare(i, wordsOf(page.lastValue), slot);
    if (timestamp <= last) {
      const stored = plain ? undefined : this.#head.recordAt(ref, timestamp);
      if (stored !== undefined) return this.#compareRecord(i, stored);
      this.#finder ??= this.#head.finder();
      const float = this.#finder.at(ref, timestamp);
      if (float !== null) return this.#compare(i, wordsOf(float.values), float.index);
    }
    if (page.request[slot] === this.#request) {
      const before = page.requestNewest[slot];
      const newest = this.#collected.timestamps[before];
      if (timestamp === newest) return this.#compareWithin(i, before);
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
    if (first !== undefined) return this.#compareWithin(i, first);
    this.#remember(this.#seen, i);
    return 'fresh';
  }

  #remember(seen: Map<string, number>, i: number): void {
    const id = `${this.#collected.refs[i]}:${this.#collected.timestamps[i]}`;
    if (!seen.has(id)) seen.set(id, i);
  }

  #compareWithin(i: number, before: number): Verdict {
    const record = this.#collected.records?.get(before);
    return record === undefined ? this.#compare(i, this.#words, before) : this.#compareRecord(i, record);
  }

  #compareRecord(i: number, stored: Uint8Array): Verdict {
    const own = this.#collected.records?.get(i);
    return own !== undefined && sameRecord(own, stored) ? 'duplicate' : 'duplicate_timestamp';
  }

  /** Against a float, by its bits. */
  #compare(i: number, words: Uint32Array, at: number): Verdict {
    if (this.#collected.records?.has(i) === true) return 'duplicate_timestamp';
    const own = this.#words;
    return own[i * 2] === words[at * 2] && own[i * 2 + 1] === words[at * 2 + 1]
      ? 'duplicate'
      : 'duplicate_timestamp';
  }
}

/** The bits of a column of doubles, so that NaNs are told apart and are equal to themselves. */
function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

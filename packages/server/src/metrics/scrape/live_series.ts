import type { SampleAppender, SeriesRef } from '../sink.ts';
import { LIVE, PRESENT, REFUSED } from './admission.ts';
import type { RawCache } from './raw_cache.ts';

const NOTHING: ReadonlySet<SeriesRef> = new Set();

/**
 * Which of a target's series are live: what the last round exposed, until a round does not. Kept as flags of the cache's entries and
 * counted, so that a round that exposes what the one before did looks through none of them.
 */
export class LiveSeries {
  readonly #cache: RawCache;
  /** Live series of the loop this one replaced; those not exposed any more become stale with the first scrape. */
  #inherited: ReadonlySet<SeriesRef> = NOTHING;
  /** Entries that are live, that this round exposes, and that are both. */
  #live = 0;
  #present = 0;
  #still = 0;

  constructor(cache: RawCache) {
    this.#cache = cache;
  }

  refs(): Set<SeriesRef> {
    const { refs, flags, count } = this.#cache;
    const live = new Set(this.#inherited);
    for (let entry = 0; entry < count; entry++) if ((flags[entry] & LIVE) !== 0) live.add(refs[entry]);
    return live;
  }

  inherit(live: ReadonlySet<SeriesRef>): void {
    this.#inherited = live;
  }

  /** A round begins: nothing is present yet. */
  begin(): void {
    if (this.#present === 0) return;
    const { flags, count } = this.#cache;
    for (let entry = 0; entry < count; entry++) flags[entry] &= ~PRESENT;
    this.#present = 0;
    this.#still = 0;
  }

  /** The round exposes an entry. */
  expose(entry: number): void {
    const { flags } = this.#cache;
    const before = flags[entry];
    if ((before & PRESENT) !== 0) return;
    flags[entry] = before | PRESENT;
    this.#present++;
    if ((before & LIVE) !== 0) this.#still++;
  }

  /** Staleness markers for what is live and not present in this round. Returns how many. */
  markVanished(timestamp: number, appender: SampleAppender): number {
    if (this.#still === this.#live && this.#inherited.size === 0) return 0;
    const { refs, flags, count } = this.#cache;
    const gone = new Set(this.#inherited);
    for (let entry = 0; entry < count; entry++)
      if ((flags[entry] & (LIVE | PRESENT)) === LIVE) gone.add(refs[entry] ?? REFUSED);
    for (let entry = 0; entry < count; entry++) if ((flags[entry] & PRESENT) !== 0) gone.delete(refs[entry]);
    return appendStale(gone, timestamp, appender);
  }

  /** Staleness markers for all that is live. */
  markAll(timestamp: number, appender: SampleAppender): number {
    return appendStale(this.refs(), timestamp, appender);
  }

  /** What is live now is what the round exposed, or nothing when it failed. */
  settle(exposed: boolean): void {
    const { flags, count } = this.#cache;
    this.#live = exposed ? this.#present : 0;
    this.#present = 0;
    this.#still = 0;
    for (let entry = 0; entry < count; entry++) {
      const live = exposed && (flags[entry] & PRESENT) !== 0;
      flags[entry] = (flags[entry] & ~(LIVE | PRESENT)) | (live ? LIVE : 0);
    }
    this.#inherited = NOTHING;
  }
}

function appendStale(refs: ReadonlySet<SeriesRef>, timestamp: number, appender: SampleAppender): number {
  let marked = 0;
  for (const ref of refs) if (ref >= 0 && appender.appendStale(ref, timestamp)) marked++;
  return marked;
}

/** One due look. */
export interface Due {
  readonly id: string;
  /** When it should have begun, monotonic ms; for a retry the time that was asked for. */
  readonly at: number;
  /** Slots before this one that nobody fetched in time. */
  readonly missed: number;
}

interface Entry {
  readonly id: string;
  readonly intervalMs: number;
  readonly offset: number;
  /** The next slot, or an earlier extra look. */
  at: number;
  /** Its place in the heap; -1 when it is in none. */
  place: number;
}

/**
 * When each probe is looked at: every interval, at an offset of its own that is the same after a restart, so that probes spread evenly
 * over the interval. A binary heap by time: adding, removing and taking cost the logarithm of the number of probes. Pure: the caller
 * brings the time. Slots that passed are counted and skipped, never made up for in a burst.
 */
export class ProbeWheel {
  readonly #entries = new Map<string, Entry>();
  readonly #heap: Entry[] = [];

  get size(): number {
    return this.#entries.size;
  }

  /** When the next look is due; null without probes. */
  get next(): number | null {
    return this.#heap[0]?.at ?? null;
  }

  /** Adds or replaces. `hash` is any number that is the probe's own and stays; times in ms. */
  set(id: string, intervalMs: number, hash: number, now: number): void {
    this.remove(id);
    const offset = Math.abs(Math.trunc(hash)) % intervalMs;
    const entry = { id, intervalMs, offset, at: slotAfter(now, intervalMs, offset), place: -1 };
    this.#entries.set(id, entry);
    this.#push(entry);
  }

  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#take(entry);
  }

  /** Brings the next look forward; it never puts it off. */
  sooner(id: string, at: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || at >= entry.at) return;
    this.#take(entry);
    entry.at = at;
    this.#push(entry);
  }

  /** What is due, in order of time; each is put down for its next slot after `now`. */
  due(now: number): Due[] {
    const due: Due[] = [];
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.#take(first);
      const { at, intervalMs, offset } = first;
      first.at = slotAfter(now, intervalMs, offset);
      due.push({ id: first.id, at, missed: Math.max(0, Math.floor((now - at) / intervalMs)) });
      this.#push(first);
    }
    return due;
  }

  #push(entry: Entry): void {
    entry.place = this.#heap.length;
    this.#heap.push(entry);
    this.#rise(entry);
  }

  #take(entry: Entry): void {
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    last.place = entry.place;
    this.#heap[last.place] = last;
    this.#rise(last);
    this.#sink(last);
  }

  #rise(entry: Entry): void {
    while (entry.place > 0) {
      const parent = this.#heap[(entry.place - 1) >> 1];
      if (parent === undefined || parent.at <= entry.at) return;
      this.#swap(entry, parent);
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const [left, right] = [this.#heap[entry.place * 2 + 1], this.#heap[entry.place * 2 + 2]];
      const child = right !== undefined && left !== undefined && right.at < left.at ? right : left;
      if (child === undefined || child.at >= entry.at) return;
      this.#swap(entry, child);
    }
  }

  #swap(a: Entry, b: Entry): void {
    [a.place, b.place] = [b.place, a.place];
    this.#heap[a.place] = a;
    this.#heap[b.place] = b;
  }
}

/** The first time strictly after `now` that is the offset modulo the interval. */
function slotAfter(now: number, intervalMs: number, offset: number): number {
  return (Math.floor((now - offset) / intervalMs) + 1) * intervalMs + offset;
}

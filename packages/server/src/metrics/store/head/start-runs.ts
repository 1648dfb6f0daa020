import { lowerBound } from './late-samples.ts';

/** From `times[i]` on, until the next one, the series' samples have the start time `starts[i]`. */
interface Runs {
  count: number;
  times: Float64Array;
  starts: Float64Array;
}

/**
 * When the counting of each sample of the head began. A counter keeps its start for the life of its process, so that a run per
 * change is kept, not a number per sample; a series without any is not in here.
 */
export class StartRuns {
  readonly #bySeries = new Map<number, Runs>();
  #runs = 0;

  get bytes(): number {
    return this.#runs * 16;
  }

  /** Notes the start of one sample, which may be the series' newest. Times are whole ms, so the samples after it keep theirs. */
  note(ref: number, sample: { timestamp: number; start: number; newest: boolean }): void {
    const { timestamp, start } = sample;
    let runs = this.#bySeries.get(ref);
    if (runs === undefined) {
      runs = { count: 0, times: new Float64Array(4), starts: new Float64Array(4) };
      this.#bySeries.set(ref, runs);
    }
    const before = startAt(runs, timestamp);
    if (before === start) return;
    this.#set(runs, timestamp, start);
    // When nothing newer is there the run goes on; otherwise it is this one sample's alone.
    if (!sample.newest && !hasTime(runs, timestamp + 1)) this.#set(runs, timestamp + 1, before);
  }

  /** Writes the starts of the given times. */
  fill(ref: number, timestamps: Float64Array, starts: Float64Array): void {
    const runs = this.#bySeries.get(ref);
    if (runs === undefined) return;
    for (let i = 0; i < timestamps.length; i++) starts[i] = startAt(runs, timestamps[i]);
  }

  /** Forgets the runs that ended before `below`, of series whose every sample is in the engine: that knows them from then on. */
  dropBefore(below: number, isFlushed: (ref: number) => boolean): void {
    for (const [ref, runs] of this.#bySeries) {
      if (runs.times[0] >= below || !isFlushed(ref)) continue;
      const first = lowerBound(runs.times, runs.count, below + 1) - 1;
      if (first <= 0) continue;
      runs.times.copyWithin(0, first, runs.count);
      runs.starts.copyWithin(0, first, runs.count);
      runs.count -= first;
      this.#runs -= first;
    }
  }

  forget(ref: number): void {
    this.#runs -= this.#bySeries.get(ref)?.count ?? 0;
    this.#bySeries.delete(ref);
  }

  #set(runs: Runs, time: number, start: number): void {
    const at = lowerBound(runs.times, runs.count, time);
    if (at < runs.count && runs.times[at] === time) {
      runs.starts[at] = start;
      return;
    }
    if (runs.count === runs.times.length) {
      runs.times = grown(runs.times);
      runs.starts = grown(runs.starts);
    }
    runs.times.copyWithin(at + 1, at, runs.count);
    runs.starts.copyWithin(at + 1, at, runs.count);
    runs.times[at] = time;
    runs.starts[at] = start;
    runs.count++;
    this.#runs++;
  }
}

function startAt(runs: Runs, timestamp: number): number {
  const next = lowerBound(runs.times, runs.count, timestamp + 1);
  return next === 0 ? 0 : runs.starts[next - 1];
}

function hasTime(runs: Runs, time: number): boolean {
  const at = lowerBound(runs.times, runs.count, time);
  return at < runs.count && runs.times[at] === time;
}

function grown(old: Float64Array): Float64Array {
  const next = new Float64Array(old.length * 2);
  next.set(old);
  return next;
}

import { TimeRows } from './time-rows.ts';

/** From a time on, until that of the next row, the series' samples have a start time: columns of the rows. */
const [TIME, START, COLUMNS] = [0, 1, 2];

/**
 * When the counting of each sample of the head began. A counter keeps its start for the life of its process, so that a run per
 * change is kept, not a number per sample; a series without any is not in here.
 */
export class StartRuns {
  readonly #bySeries = new Map<number, TimeRows>();
  #runs = 0;

  get bytes(): number {
    return this.#runs * 16;
  }

  /** Notes the start of one sample, which may be the series' newest. Times are whole ms, so the samples after it keep theirs. */
  note(ref: number, sample: { timestamp: number; start: number; newest: boolean }): void {
    const { timestamp, start } = sample;
    let runs = this.#bySeries.get(ref);
    if (runs === undefined) this.#bySeries.set(ref, (runs = new TimeRows(COLUMNS)));
    const before = startAt(runs, timestamp);
    if (before === start) return;
    this.#set(runs, timestamp, start);
    // When nothing newer is there the run goes on; otherwise it is this one sample's alone.
    if (!sample.newest && runs.find(timestamp + 1) === null) this.#set(runs, timestamp + 1, before);
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
      if (runs.first >= below || !isFlushed(ref)) continue;
      const row = runs.before(below);
      const first = row === null ? runs.first : row.columns[TIME][row.index];
      if (first === runs.first) continue;
      const kept = runs.filter((columns, i) => columns[TIME][i] >= first);
      this.#runs -= runs.count - kept.count;
      this.#bySeries.set(ref, kept);
    }
  }

  forget(ref: number): void {
    this.#runs -= this.#bySeries.get(ref)?.count ?? 0;
    this.#bySeries.delete(ref);
  }

  #set(runs: TimeRows, time: number, start: number): void {
    const count = runs.count;
    const row = runs.insert(time) ?? runs.find(time);
    if (row !== null) row.columns[START][row.index] = start;
    this.#runs += runs.count - count;
  }
}

function startAt(runs: TimeRows, timestamp: number): number {
  const row = runs.before(timestamp);
  return row === null ? 0 : row.columns[START][row.index];
}

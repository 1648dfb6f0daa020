/** Runs whose numbers fit at first. */
const FIRST_RUNS = 8;
const NUMBERS = 3;

/**
 * The times of one series at a time inside a window, told by its chunks from the newest back, and whether they are those of the
 * series before. Chunks end at places of their own in each series, so that they are not compared but joined: neighbours at one
 * distance are one run, cut at the edges of the window.
 *
 *     series a    [ 32 of 15 s ][ 32 of 15 s ][ 7 of 15 s ]
 *     series b       [ 32 of 15 s ][ 32 of 15 s ][ 4 of 15 s ]
 *     window               (                                ]     of both: one run, its first time, how many, 15 s
 *
 * Times at no distance of their own are one run by what `chunkTiming` calls them (below zero), uncut; NaN are never the same.
 */
export class TimeRuns {
  /** Whether the series last finished has the times of the one before. */
  same = false;
  /** How many samples of the oldest chunk lie before the window, as far as its distance tells. */
  skipped = 0;
  #startExclusive = 0;
  #end = 0;
  /** Of each run how many, the first time and the distance (0 of a single one), newest run first. */
  #known = new Float64Array(FIRST_RUNS * NUMBERS);
  #knownRuns = -1;
  #runs = 0;
  /** The run that may still grow towards the past; none at 0. */
  #count = 0;
  #first = 0;
  #step = 0;

  /** A series in (startExclusive, end], in ms. */
  begin(startExclusive: number, end: number): void {
    this.same = true;
    this.skipped = 0;
    this.#startExclusive = startExclusive;
    this.#end = end;
    this.#runs = 0;
    this.#count = 0;
  }

  /** `count` samples from `first` on, older than those added before; false where none of them lies in the window. */
  add(count: number, first: number, timing: number): boolean {
    if (!(timing >= 0)) {
      this.skipped = 0;
      this.#close();
      this.#open(count, first, timing);
      return true;
    }
    const before = first <= this.#startExclusive ? this.#upTo(this.#startExclusive, first, timing, count) : 0;
    const until =
      first + (count - 1) * timing > this.#end ? this.#upTo(this.#end, first, timing, count) : count;
    if (until <= before) return false;
    this.skipped = before;
    const kept = until - before;
    this.#join(kept, first + before * timing, kept === 1 ? 0 : timing);
    return true;
  }

  /** After the series' oldest chunk. */
  finish(): void {
    this.#close();
    if (this.#runs !== this.#knownRuns) this.same = false;
    this.#knownRuns = this.#runs;
  }

  /** How many of `count` samples lie at `time`, which is not before the first, or earlier. */
  #upTo(time: number, first: number, step: number, count: number): number {
    if (time < first) return 0;
    return step === 0 ? 1 : Math.min(count, Math.floor((time - first) / step) + 1);
  }

  #join(count: number, first: number, step: number): void {
    if (this.#count > 0 && this.#step >= 0) {
      const distance = step > 0 ? step : this.#step > 0 ? this.#step : this.#first - first;
      const fits = (step === 0 || step === distance) && (this.#step === 0 || this.#step === distance);
      if (fits && first + count * distance === this.#first) {
        this.#open(this.#count + count, first, distance);
        return;
      }
    }
    this.#close();
    this.#open(count, first, step);
  }

  #open(count: number, first: number, step: number): void {
    this.#count = count;
    this.#first = first;
    this.#step = step;
  }

  /** The run grows no more: it is compared, and kept for the next series. */
  #close(): void {
    if (this.#count === 0) return;
    const at = this.#runs++ * NUMBERS;
    if (at === this.#known.length) {
      const grown = new Float64Array(at * 2);
      grown.set(this.#known);
      this.#known = grown;
    }
    const known = this.#known;
    if (known[at] === this.#count && known[at + 1] === this.#first && known[at + 2] === this.#step) return;
    known[at] = this.#count;
    known[at + 1] = this.#first;
    known[at + 2] = this.#step;
    this.same = false;
  }
}

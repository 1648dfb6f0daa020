/** What a source sent before an event, as far as rules need it. Figures are those from before the event, so that it is not compared with itself. */
export interface Baseline {
  /** Numeric fields of the event with a history, in order; the lists below have one item for each. */
  readonly names: readonly string[];
  readonly values: readonly number[];
  /** Values seen before. */
  readonly counts: readonly number[];
  readonly means: readonly number[];
  readonly variances: readonly number[];
  /** Mean of the last few values. */
  readonly fasts: readonly number[];
  /** Which fields the event has, and of what kind. */
  readonly shape: string;
  /** Events of this source and type seen before, those of the same shape, and the number of shapes. */
  readonly shapeEvents: number;
  readonly shapeSeen: number;
  readonly shapeKinds: number;
  /** How the shape differs from the usual one, in words; empty when it does not. */
  readonly shapeDiffers: string;
}

interface SeriesBefore {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
  readonly fast: number;
}

/** A baseline that is filled again for each event, from `clear` to `end`: those who keep it copy it. */
export class BaselineBuffer implements Baseline {
  readonly names: string[] = [];
  readonly values: number[] = [];
  readonly counts: number[] = [];
  readonly means: number[] = [];
  readonly variances: number[] = [];
  readonly fasts: number[] = [];
  shape = '';
  shapeEvents = 0;
  shapeSeen = 0;
  shapeKinds = 0;
  shapeDiffers = '';

  #used = 0;

  /** A field with what was known of it before this value. */
  add(name: string, value: number, before: SeriesBefore): void {
    const at = this.#used++;
    this.names[at] = name;
    this.values[at] = value;
    this.counts[at] = before.count;
    this.means[at] = before.mean;
    this.variances[at] = before.variance;
    this.fasts[at] = before.fast;
  }

  /** Nothing more is added: what an earlier event had beyond goes. Mostly there is nothing, and the lists stay as they are. */
  end(): void {
    if (this.names.length === this.#used) return;
    for (const list of [this.names, this.values, this.counts, this.means, this.variances, this.fasts])
      list.length = this.#used;
  }

  clear(): void {
    this.#used = 0;
    this.shape = '';
    this.shapeEvents = 0;
    this.shapeSeen = 0;
    this.shapeKinds = 0;
    this.shapeDiffers = '';
  }
}

/** Of an event whose source has no history. */
export const NO_BASELINE: Baseline = new BaselineBuffer();

/** A spread below this share of the mean is taken for it: of values that hardly vary, every change would be an anomaly. */
const LEAST_SPREAD = 0.05;

/** Standard deviation of a series that rules compare with. */
export function spreadOf(baseline: Baseline, index: number): number {
  const mean = Math.abs(baseline.means[index]);
  return Math.max(Math.sqrt(baseline.variances[index]), LEAST_SPREAD * mean, 1e-9);
}

/** How many standard deviations a value lies from the mean of its history. */
export function zScoreOf(baseline: Baseline, index: number): number {
  return (baseline.values[index] - baseline.means[index]) / spreadOf(baseline, index);
}

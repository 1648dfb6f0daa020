/** Weight of the newest value once there are enough: a mean over about the last two hundred. */
const SLOW = 0.01;
/** Weight of the newest value in the mean of the last few. */
export const FAST = 0.2;
/** From here on values beyond {@link MOST_SPREADS} pull the mean no further: one outlier must not hide the next. */
const TRUSTED_COUNT = 30;
const MOST_SPREADS = 4;

/** The running figures of one numeric field: exponentially weighted mean and variance (West 1979), plain ones at first. */
export class Series {
  count = 0;
  mean = 0;
  variance = 0;
  fast = 0;

  add(value: number): void {
    this.count++;
    const weight = Math.max(1 / this.count, SLOW);
    const taken = this.count > TRUSTED_COUNT ? this.#clamped(value) : value;
    const difference = taken - this.mean;
    const step = weight * difference;
    this.mean += step;
    this.variance = (1 - weight) * (this.variance + difference * step);
    this.fast += Math.max(1 / this.count, FAST) * (taken - this.fast);
  }

  /** Continues where an earlier process was: the figures before its last value, and that value. */
  resume(count: number, mean: number, variance: number, fast: number): this {
    this.count = count;
    this.mean = mean;
    this.variance = variance;
    this.fast = fast;
    return this;
  }

  #clamped(value: number): number {
    const reach = MOST_SPREADS * Math.max(Math.sqrt(this.variance), 0.05 * Math.abs(this.mean), 1e-9);
    return Math.min(this.mean + reach, Math.max(this.mean - reach, value));
  }
}

import type { LogTime } from '../time.ts';

const NANOS_PER_MS = 1_000_000;
/** Senders whose lines of a second come mixed with those of the next. */
const TIMES_KEPT = 8;

/** A time that lines came with, and how many did. */
export type SpacedTime = readonly [ms: number, nanos: number, count: number];

/** Where what went before is not known: times before one, ms since the epoch, begin so many nanoseconds later, where no line of then should be. */
export interface Shift {
  readonly before: number;
  readonly nanos: number;
}

const NO_SHIFT: Shift = { before: 0, nanos: 0 };

/**
 * Keeps lines of one stream apart that come with the same time: the second is a nanosecond later, and so on, which also keeps their
 * order. Stream, time, message and metadata make a line (compat LP-5), and clocks that tell seconds would make one of many equal ones.
 */
export class TimeSpacer {
  #times: SpacedTime[];
  readonly #shift: Shift;

  constructor(times: readonly SpacedTime[] = [], shift: Shift = NO_SHIFT) {
    this.#times = [...times];
    this.#shift = shift;
  }

  /** To go on from, after a restart. */
  get times(): readonly SpacedTime[] {
    return this.#times;
  }

  spaced({ ms, nanos }: LogTime): LogTime {
    const at = this.#times.findIndex((time) => time[0] === ms && time[1] === nanos);
    const count = at < 0 ? 0 : (this.#times[at]?.[2] ?? 0);
    if (at >= 0) this.#times[at] = [ms, nanos, count + 1];
    else {
      if (this.#times.length >= TIMES_KEPT) this.#times.shift();
      this.#times.push([ms, nanos, 1]);
    }
    const sum = nanos + count + (ms < this.#shift.before ? this.#shift.nanos : 0);
    return sum < NANOS_PER_MS
      ? { ms, nanos: sum }
      : { ms: ms + Math.floor(sum / NANOS_PER_MS), nanos: sum % NANOS_PER_MS };
  }
}

import type { Clock } from '../kernel/clock.ts';
import type { Position } from './types.ts';

const STEP_MS = 250;

/** Remembers when positions were written, in steps, to tell the age of the oldest one that is not flushed. */
export class AgeMarks {
  readonly #clock: Clock;
  #marks: { readonly from: Position; readonly at: number }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Positions from here on were written `ageMs` ago. */
  add(from: Position, ageMs: number): void {
    const at = this.#clock.monotonic() - Math.max(0, ageMs);
    const last = this.#marks.at(-1);
    if (last === undefined || at - last.at >= STEP_MS) this.#marks.push({ from, at });
  }

  flushed(upTo: Position, somethingWaits: boolean): void {
    const firstKept = this.#marks.findLastIndex((mark) => mark.from <= upTo + 1);
    if (firstKept > 0) this.#marks = this.#marks.slice(firstKept);
    if (!somethingWaits) this.#marks = [];
  }

  oldestMs(): number {
    const oldest = this.#marks[0];
    return oldest === undefined ? 0 : this.#clock.monotonic() - oldest.at;
  }
}

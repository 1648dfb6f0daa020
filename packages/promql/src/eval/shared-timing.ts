import type { SeriesColumns } from '../storage.ts';

/** What is computed from the times of samples, kept for the series that come with the same times after the first one. */
export class SharedTiming<T, P> {
  readonly #make: (columns: SeriesColumns, parameter: P) => T;
  #timing: object | undefined;
  #made: T | undefined;

  constructor(make: (columns: SeriesColumns, parameter: P) => T) {
    this.#make = make;
  }

  /** Undefined for the first series of its times, as long as nobody knows whether others follow. */
  of(columns: SeriesColumns, parameter: P): T | undefined {
    const { timing } = columns;
    if (timing === undefined || timing !== this.#timing) {
      this.#timing = timing;
      this.#made = undefined;
      return undefined;
    }
    this.#made ??= this.#make(columns, parameter);
    return this.#made;
  }
}

import { between, quantileOf } from './quantile.ts';
import type { Windows } from './value.ts';

/** So many values may change from one window to the next until choosing among all of them costs less than moving the others. */
const MOST_CHANGED = 8;

/** Room for so many values stays from series to series. */
const MOST_KEPT = 65_536;

/**
 * The values of a window kept in order while it slides: what came takes the place of what left, and a quantile is read off. Windows
 * that have little in common are answered each by itself.
 *
 *     NaN, as many as #nans  |  #ordered: the numbers, ascending
 */
export class OrderedWindow {
  #values: Float64Array = new Float64Array(0);
  #ordered = new Float64Array(0);
  /** What share of a window's values leaves at each step. */
  #leaving = 1;
  #numbers = 0;
  #nans = 0;
  /** The values in order are those of `[from, to)`: none at first. */
  #from = 0;
  #to = 0;

  /** From now on `windows` over `values`, at most `longest` in each. */
  begin(values: Float64Array, longest: number, { count, step, range }: Windows): this {
    this.#values = values;
    if (longest > this.#ordered.length || this.#ordered.length > MOST_KEPT)
      this.#ordered = new Float64Array(longest > MOST_KEPT ? longest : Math.min(MOST_KEPT, longest * 2));
    this.#leaving = count > 1 ? step / range : 1;
    this.#from = 0;
    this.#to = 0;
    return this;
  }

  /** The quantile of the values `[from, to)`, at least one, as `quantileOf` has it. Windows only move right. */
  quantile(quantile: number, from: number, to: number): number {
    const length = to - from;
    if (!(quantile >= 0 && quantile <= 1)) return quantileOf(quantile, this.#ordered, length);
    if (!this.#order(from, to)) {
      for (let i = from; i < to; i++) this.#ordered[i - from] = this.#values[i];
      return quantileOf(quantile, this.#ordered, length);
    }
    const rank = quantile * (length - 1);
    const lower = Math.floor(rank);
    return between(this.#at(lower), this.#at(Math.min(length - 1, lower + 1)), rank - lower);
  }

  #at(place: number): number {
    return place < this.#nans ? Number.NaN : this.#ordered[place - this.#nans];
  }

  /** Whether it was worth it. */
  #order(from: number, to: number): boolean {
    if (from >= this.#to || from - this.#from + to - this.#to > MOST_CHANGED)
      return this.#orderAnew(from, to);
    while (this.#from < from && this.#to < to)
      this.#replace(this.#values[this.#from++], this.#values[this.#to++]);
    while (this.#from < from) this.#remove(this.#values[this.#from++]);
    while (this.#to < to) this.#insert(this.#values[this.#to++]);
    return true;
  }

  #orderAnew(from: number, to: number): boolean {
    const worth = 2 * this.#leaving * (to - from) <= MOST_CHANGED;
    this.#numbers = 0;
    for (let i = from; worth && i < to; i++)
      if (!Number.isNaN(this.#values[i])) this.#ordered[this.#numbers++] = this.#values[i];
    if (worth) sortFirst(this.#ordered, this.#numbers);
    this.#nans = to - from - this.#numbers;
    this.#from = worth ? from : 0;
    this.#to = worth ? to : 0;
    return worth;
  }

  #replace(old: number, fresh: number): void {
    if (Number.isNaN(old) || Number.isNaN(fresh)) {
      this.#remove(old);
      this.#insert(fresh);
      return;
    }
    const ordered = this.#ordered;
    const last = this.#numbers - 1;
    let place = placeOf(ordered, this.#numbers, old);
    for (; place < last && ordered[place + 1] < fresh; place++) ordered[place] = ordered[place + 1];
    for (; place > 0 && ordered[place - 1] > fresh; place--) ordered[place] = ordered[place - 1];
    ordered[place] = fresh;
  }

  #remove(old: number): void {
    if (Number.isNaN(old)) {
      this.#nans--;
      return;
    }
    const place = placeOf(this.#ordered, this.#numbers, old);
    this.#ordered.copyWithin(place, place + 1, this.#numbers--);
  }

  #insert(fresh: number): void {
    if (Number.isNaN(fresh)) {
      this.#nans++;
      return;
    }
    let place = this.#numbers++;
    for (; place > 0 && this.#ordered[place - 1] > fresh; place--)
      this.#ordered[place] = this.#ordered[place - 1];
    this.#ordered[place] = fresh;
  }
}

/** Up to so many, putting one after the other in its place is faster than the engine's sort. */
const FEW = 24;

function sortFirst(values: Float64Array, count: number): void {
  if (count > FEW) {
    values.subarray(0, count).sort();
    return;
  }
  for (let i = 1; i < count; i++) {
    const value = values[i];
    let place = i;
    for (; place > 0 && values[place - 1] > value; place--) values[place] = values[place - 1];
    values[place] = value;
  }
}

/** The first place whose value is not less. */
function placeOf(ordered: Float64Array, count: number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ordered[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

import type { ColumnArena } from './column-arena.ts';

/** Samples that arrived behind the open chunk of their series, in time order. */
interface LateColumns {
  count: number;
  timestamps: Float64Array;
  values: Float64Array;
  positions: Float64Array;
}

/** The out-of-order side of the head. Rare, so a map by ref; insertion keeps each series sorted. */
export class LateSamples {
  readonly #bySeries = new Map<number, LateColumns>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  count(ref: number): number {
    return this.#bySeries.get(ref)?.count ?? 0;
  }

  /** False when the series already has a late sample of that time. */
  add(ref: number, timestamp: number, value: Float64Array, position: number): boolean {
    let late = this.#bySeries.get(ref);
    if (late === undefined) {
      late = {
        count: 0,
        timestamps: new Float64Array(4),
        values: new Float64Array(4),
        positions: new Float64Array(4),
      };
      this.#bySeries.set(ref, late);
    }
    const at = lowerBound(late.timestamps, late.count, timestamp);
    if (at < late.count && late.timestamps[at] === timestamp) return false;
    if (late.count === late.timestamps.length) {
      late.timestamps = grown(late.timestamps);
      late.values = grown(late.values);
      late.positions = grown(late.positions);
    }
    late.timestamps.copyWithin(at + 1, at, late.count);
    late.values.copyWithin(at + 1, at, late.count);
    late.positions.copyWithin(at + 1, at, late.count);
    late.timestamps[at] = timestamp;
    late.values.set(value, at);
    late.positions[at] = position;
    late.count++;
    this.#total++;
    return true;
  }

  /** Appends the series' late samples of [from, to] at `arena.next`. */
  read(ref: number, from: number, to: number, arena: ColumnArena): void {
    const late = this.#bySeries.get(ref);
    if (late === undefined) return;
    const start = lowerBound(late.timestamps, late.count, from);
    const end = lowerBound(late.timestamps, late.count, to + 1);
    arena.timestamps.set(late.timestamps.subarray(start, end), arena.next);
    arena.values.set(late.values.subarray(start, end), arena.next);
    arena.next += end - start;
  }

  forget(ref: number): void {
    this.#total -= this.count(ref);
    this.#bySeries.delete(ref);
  }

  /** Drops what the engine holds and readers no longer ask of the head. */
  dropFlushed(below: number, flushed: number): void {
    for (const [ref, late] of this.#bySeries) {
      let kept = 0;
      for (let i = 0; i < late.count; i++) {
        if (late.timestamps[i] < below && late.positions[i] <= flushed) continue;
        late.timestamps.copyWithin(kept, i, i + 1);
        late.values.copyWithin(kept, i, i + 1);
        late.positions.copyWithin(kept, i, i + 1);
        kept++;
      }
      this.#total -= late.count - kept;
      late.count = kept;
      if (kept === 0) this.#bySeries.delete(ref);
    }
  }
}

/** First index whose time is at least `timestamp`. */
export function lowerBound(timestamps: Float64Array, end: number, timestamp: number, start = 0): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timestamps[middle] < timestamp) low = middle + 1;
    else high = middle;
  }
  return low;
}

function grown(old: Float64Array): Float64Array<ArrayBuffer> {
  const next = new Float64Array(old.length * 2);
  next.set(old);
  return next;
}

import type { Position } from '../../../journal/index.ts';
import type { Exemplar } from '../../sink.ts';

interface Held {
  readonly ref: number;
  readonly exemplar: Exemplar;
  readonly position: Position;
}

/** What an exemplar weighs in memory without its texts. */
const OVERHEAD = 250;

/**
 * The recent exemplars, by series: what the journal has not flushed yet, and beyond that as many as fit the budget. Also the newest
 * one of every living series, which the door rules compare with.
 */
export class ExemplarMemory {
  readonly #budgetBytes: number;
  /** In the order they were stored. */
  #held: Held[] = [];
  readonly #bySeries = new Map<number, Exemplar[]>();
  readonly #newest = new Map<number, Exemplar>();
  #bytes = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  get count(): number {
    return this.#held.length;
  }

  get bytes(): number {
    return this.#bytes + this.#newest.size * OVERHEAD;
  }

  newestOf(ref: number): Exemplar | undefined {
    return this.#newest.get(ref);
  }

  add(ref: number, exemplar: Exemplar, position: Position): void {
    this.#held.push({ ref, exemplar, position });
    this.#bytes += bytesOf(exemplar);
    const series = this.#bySeries.get(ref);
    if (series === undefined) this.#bySeries.set(ref, [exemplar]);
    else series.push(exemplar);
    const newest = this.#newest.get(ref);
    if (newest === undefined || exemplar.timestamp >= newest.timestamp) this.#newest.set(ref, exemplar);
  }

  of(ref: number): readonly Exemplar[] {
    return this.#bySeries.get(ref) ?? [];
  }

  /** Drops flushed exemplars over the budget, oldest first, and everything of series that are gone. */
  collect(flushed: Position, isLiving: (ref: number) => boolean): void {
    let dropped = 0;
    while (dropped < this.#held.length && this.#bytes > this.#budgetBytes) {
      const oldest = this.#held[dropped];
      if (oldest === undefined || oldest.position > flushed) break;
      this.#forget(oldest);
      dropped++;
    }
    if (dropped > 0) this.#held = this.#held.slice(dropped);
    for (const ref of this.#newest.keys()) if (!isLiving(ref)) this.#newest.delete(ref);
    // A series leaves the head when all of it is flushed, so its exemplars are in the engine.
    const gone = this.#held.filter(({ ref }) => !isLiving(ref));
    if (gone.length === 0) return;
    for (const held of gone) this.#forget(held);
    this.#held = this.#held.filter(({ ref }) => isLiving(ref));
  }

  #forget({ ref, exemplar }: Held): void {
    this.#bytes -= bytesOf(exemplar);
    const series = this.#bySeries.get(ref);
    if (series === undefined) return;
    const at = series.indexOf(exemplar);
    if (at >= 0) series.splice(at, 1);
    if (series.length === 0) this.#bySeries.delete(ref);
  }
}

function bytesOf({ labels }: Exemplar): number {
  let characters = 0;
  for (const text of labels.pairs) characters += text.length;
  return OVERHEAD + characters * 2;
}

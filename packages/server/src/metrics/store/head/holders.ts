/** Who has samples of series that are not in the head yet. */
export interface SeriesHolder {
  eachRef(visit: (ref: number) => void): void;
}

/** Those whose series must not be evicted. Asked only when something is: nothing is counted per sample. */
export class Holders {
  readonly #holders = new Set<SeriesHolder>();

  /** The holder's series stay in memory until it lets go of them. */
  hold(holder: SeriesHolder): void {
    this.#holders.add(holder);
  }

  letGo(holder: SeriesHolder): void {
    this.#holders.delete(holder);
  }

  /** Takes the series that are held out of a set. */
  spare(refs: Set<number>): void {
    for (const holder of this.#holders) holder.eachRef((ref) => refs.delete(ref));
  }
}

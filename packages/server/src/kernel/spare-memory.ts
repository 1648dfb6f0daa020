/** Sizes are rounded up to these, so that the next round's, a little larger, still fit. */
const STEP_BYTES = 64 * 1024;

/** What is kept from one round to the next, in bytes. */
export interface SpareLimits {
  /** A round that took less keeps nothing: where little is done, memory is worth more than the time. */
  readonly least: number;
  readonly most: number;
}

/**
 * Large pieces of memory that are used again, round by round: pages that the system has to make first cost several times what
 * is written to them. It holds what the last round took, within limits.
 */
export class SpareMemory {
  readonly #limits: SpareLimits;
  #spare: Buffer[] = [];
  #taken: Buffer[] = [];

  constructor(limits: SpareLimits) {
    this.#limits = limits;
  }

  /** Bytes kept for the next round. */
  get kept(): number {
    return this.#spare.reduce((sum, { length }) => sum + length, 0);
  }

  /** So many bytes, whatever stands in them, until the round ends. */
  take(bytes: number): Buffer {
    const found = this.#spare.findIndex(({ length }) => length >= bytes);
    const [piece = Buffer.allocUnsafeSlow(Math.ceil(bytes / STEP_BYTES) * STEP_BYTES)] =
      found < 0 ? [] : this.#spare.splice(found, 1);
    this.#taken.push(piece);
    return piece.subarray(0, bytes);
  }

  /** Ends the round: nobody looks any more at what was taken. What nobody took is let go. */
  release(): void {
    const { least, most } = this.#limits;
    const taken = this.#taken.reduce((sum, { length }) => sum + length, 0);
    let kept = 0;
    this.#spare = taken < least ? [] : this.#taken.filter(({ length }) => (kept += length) <= most);
    this.#taken = [];
  }
}

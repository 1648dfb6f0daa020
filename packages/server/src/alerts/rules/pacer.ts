/** What rules that follow each other may take before others run, in ms. */
const STRETCH_MS = 20;

/**
 * Lets others run between rules: after 20 ms of work every group waits for the same pause. Were it each group's own, a hundred groups that
 * are late would keep everybody waiting for a hundred stretches.
 */
export class Pacer {
  readonly #monotonic: () => number;
  readonly #breathe: () => Promise<void>;
  #begun = Number.NEGATIVE_INFINITY;
  #resting: Promise<void> | null = null;

  constructor(monotonic: () => number, breathe: () => Promise<void>) {
    this.#monotonic = monotonic;
    this.#breathe = breathe;
  }

  /** To be called before each piece of work; resolves when it may begin. */
  async pause(): Promise<void> {
    while (this.#resting !== null || this.#monotonic() - this.#begun >= STRETCH_MS) {
      this.#resting ??= this.#rest();
      await this.#resting;
    }
  }

  async #rest(): Promise<void> {
    await this.#breathe();
    this.#begun = this.#monotonic();
    this.#resting = null;
  }
}

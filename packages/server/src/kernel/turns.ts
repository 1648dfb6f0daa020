/** Work on one thing at a time: what is asked of the same key runs in order, each after the one before has ended, well or not. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Keys whose work has not ended. */
  get size(): number {
    return this.#last.size;
  }

  async take<Made>(key: string, work: () => Promise<Made>): Promise<Made> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const turn = before.then(work, work);
    this.#last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === turn) this.#last.delete(key);
    }
  }
}

/** Something the operator should see on every page until it is over. */
export interface Notification {
  readonly text: string;
  /** Epoch ms. */
  readonly date: number;
  readonly active: boolean;
}

/** What is wrong with this process right now, in words; each text stands once. Listeners hear of every change. */
export class Notifications {
  readonly #now: () => number;
  readonly #active = new Map<string, Notification>();
  readonly #listeners = new Set<(notification: Notification) => void>();

  constructor(now: () => number) {
    this.#now = now;
  }

  raise(text: string): void {
    if (this.#active.has(text)) return;
    const notification = { text, date: this.#now(), active: true };
    this.#active.set(text, notification);
    this.#tell(notification);
  }

  clear(text: string): void {
    const known = this.#active.get(text);
    if (known === undefined) return;
    this.#active.delete(text);
    this.#tell({ ...known, active: false });
  }

  /** Oldest first. */
  active(): readonly Notification[] {
    return [...this.#active.values()];
  }

  /** Calls back until the answer is called. */
  onChange(listener: (notification: Notification) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(notification: Notification): void {
    for (const listener of this.#listeners) listener(notification);
  }
}

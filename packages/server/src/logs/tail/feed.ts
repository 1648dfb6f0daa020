import type { LineChunk } from '../store/chunk.ts';

/** Tells whoever follows a tenant's lines of each chunk as it becomes durable. */
export class LineFeed {
  readonly #listeners = new Map<string, Set<(chunk: LineChunk) => void>>();

  publish(chunk: LineChunk): void {
    for (const listener of this.#listeners.get(chunk.tenant) ?? []) listener(chunk);
  }

  /** Returns the unsubscribe. */
  subscribe(tenant: string, listener: (chunk: LineChunk) => void): () => void {
    let listeners = this.#listeners.get(tenant);
    if (listeners === undefined) this.#listeners.set(tenant, (listeners = new Set()));
    const all = listeners;
    all.add(listener);
    return () => {
      all.delete(listener);
      if (all.size === 0) this.#listeners.delete(tenant);
    };
  }
}

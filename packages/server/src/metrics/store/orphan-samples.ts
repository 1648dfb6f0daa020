import type { Head } from './head/head.ts';
import { keyText, type SeriesKey } from './series-key.ts';
import type { SeriesDirectory } from './series-lookup.ts';

interface Orphan {
  readonly key: SeriesKey;
  /** Makes it visible under the ref that its series now has. */
  readonly show: (ref: number) => void;
}

/**
 * Replayed samples whose series row left the journal earlier: only the engine knows their labels. They wait here when it
 * is away, and become visible when it is back (or when their series is written again).
 */
export class OrphanSamples {
  readonly #head: Head;
  readonly #waiting = new Map<string, Orphan[]>();

  constructor(head: Head) {
    this.#head = head;
  }

  get count(): number {
    let count = 0;
    for (const samples of this.#waiting.values()) count += samples.length;
    return count;
  }

  add(tenant: string, orphan: Orphan): void {
    let samples = this.#waiting.get(tenant);
    if (samples === undefined) this.#waiting.set(tenant, (samples = []));
    samples.push(orphan);
  }

  /** Makes visible whatever the directory knows the labels of; the rest goes on waiting. */
  async adopt(series: SeriesDirectory, signal?: AbortSignal): Promise<void> {
    for (const [tenant, samples] of this.#waiting) {
      const keys = new Map(samples.map(({ key }) => [keyText(key), key]));
      const unknown = [...keys.values()].filter((key) => this.#head.refOf(tenant, key) === 0);
      if (unknown.length > 0) {
        const found = await series.byKeys(tenant, unknown, signal);
        for (const { labels } of found) this.#head.resolve(tenant, labels);
      }
      const left = samples.filter((sample) => !this.#show(tenant, sample));
      if (left.length === 0) this.#waiting.delete(tenant);
      else this.#waiting.set(tenant, left);
    }
  }

  #show(tenant: string, { key, show }: Orphan): boolean {
    const ref = this.#head.refOf(tenant, key);
    if (ref > 0) show(ref);
    return ref > 0;
  }
}

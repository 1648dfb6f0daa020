import type { ServiceTransition } from './monitor.ts';

/**
 * The newest transitions of one tenant, oldest first, bounded in number. What is forgotten is the oldest, and never the last change of a
 * service: one that has been well for weeks must not become unknown. Keeping one costs the same however many there are.
 */
export class RecentTransitions {
  readonly #most: number;
  readonly #list: ServiceTransition[];
  /** Each service's last change of state. */
  readonly #latest = new Map<string, ServiceTransition>();
  /** Those of them that are older than the list. */
  readonly #standing = new Map<string, ServiceTransition>();

  /** @param transitions oldest first. */
  constructor(most: number, transitions: readonly ServiceTransition[] = []) {
    this.#most = most;
    this.#list = [...transitions];
    for (const transition of transitions) this.#note(transition);
    this.#forget();
  }

  /** Oldest first. */
  all(): readonly ServiceTransition[] {
    if (this.#standing.size === 0) return this.#list;
    return [...this.#standing.values(), ...this.#list].sort((a, b) => a.at - b.at);
  }

  add(transition: ServiceTransition): void {
    const list = this.#list;
    // Oldest first even when the wall clock was set back in between.
    let place = list.length;
    while (place > 0 && (list[place - 1]?.at ?? 0) > transition.at) place--;
    list.splice(place, 0, transition);
    this.#note(transition);
    this.#forget();
  }

  #note(transition: ServiceTransition): void {
    const { service, at } = transition;
    if (!isChange(transition) || at < (this.#latest.get(service)?.at ?? at)) return;
    this.#latest.set(service, transition);
    this.#standing.delete(service);
  }

  #forget(): void {
    while (this.#list.length + this.#standing.size > this.#most) {
      const oldest = this.#list.shift();
      if (oldest === undefined) return;
      if (this.#latest.get(oldest.service) === oldest) this.#standing.set(oldest.service, oldest);
    }
  }
}

/** A change of state; the others explain the same state anew. */
export function isChange({ from, to }: ServiceTransition): boolean {
  return from !== to;
}

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
  /** Those of the list by service, oldest first. */
  readonly #byService = new Map<string, ServiceTransition[]>();

  /** @param transitions oldest first. */
  constructor(most: number, transitions: readonly ServiceTransition[] = []) {
    this.#most = most;
    this.#list = [...transitions];
    for (const transition of transitions) {
      insert(this.#ofService(transition.service), transition);
      this.#note(transition);
    }
    this.#forget();
  }

  /** Oldest first. */
  all(): readonly ServiceTransition[] {
    if (this.#standing.size === 0) return this.#list;
    return [...this.#standing.values(), ...this.#list].sort((a, b) => a.at - b.at);
  }

  /** Those of one service, oldest first. */
  of(service: string): readonly ServiceTransition[] {
    const own = this.#byService.get(service) ?? [];
    const standing = this.#standing.get(service);
    return standing === undefined ? own : [standing, ...own].sort((a, b) => a.at - b.at);
  }

  add(transition: ServiceTransition): void {
    insert(this.#list, transition);
    insert(this.#ofService(transition.service), transition);
    this.#note(transition);
    this.#forget();
  }

  #ofService(service: string): ServiceTransition[] {
    let own = this.#byService.get(service);
    if (own === undefined) this.#byService.set(service, (own = []));
    return own;
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
      const own = this.#ofService(oldest.service);
      own.splice(own.indexOf(oldest), 1);
      if (own.length === 0) this.#byService.delete(oldest.service);
      if (this.#latest.get(oldest.service) === oldest) this.#standing.set(oldest.service, oldest);
    }
  }
}

/** Oldest first even when the wall clock was set back in between. */
function insert(list: ServiceTransition[], transition: ServiceTransition): void {
  let place = list.length;
  while (place > 0 && (list[place - 1]?.at ?? 0) > transition.at) place--;
  list.splice(place, 0, transition);
}

/** A change of state; the others explain the same state anew. */
export function isChange({ from, to }: ServiceTransition): boolean {
  return from !== to;
}

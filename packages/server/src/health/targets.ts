import type { ServiceNames } from '../kernel/names.ts';
import type { Look } from './looks.ts';

/**
 * What scraping knows of one target. As long as nothing new is known it is the same object; `label` is the same function for as long
 * as the target is there.
 */
export interface ScrapedTarget {
  readonly job: string;
  readonly instance: string;
  readonly label: (name: string) => string | undefined;
  /** The `/health` address to poll, or null when the target is not to be polled. */
  readonly healthUrl: string | null;
  readonly health: 'up' | 'down' | 'unknown';
  /** Wall-clock ms; 0 before the first scrape. */
  readonly lastScrape: number;
  readonly lastError: string;
}

export interface InstanceHealth {
  readonly instance: string;
  readonly up: boolean | null;
  readonly lastScrape: number | null;
  readonly lastError: string | null;
}

/** How scraping says that nothing listens at an address. */
const REFUSED = /connection refused|ECONNREFUSED/;

/** A target's canonical service, and the target as one text. */
interface Identity {
  readonly service: string;
  readonly key: string;
}

/** Turns what scraping says now into looks that know how often in a row they came out so. */
export class ScrapeLooks {
  readonly #names: ServiceNames;
  readonly #looks = new Map<string, Look>();
  readonly #identities = new WeakMap<ScrapedTarget['label'], Identity>();

  constructor(names: ServiceNames) {
    this.#names = names;
  }

  /** The canonical name of a target's service. */
  serviceOf(target: ScrapedTarget): string {
    return this.#identity(target).service;
  }

  /** Takes in all targets of now; what is known of others is forgotten. */
  see(targets: readonly ScrapedTarget[]): void {
    const seen = new Set<string>();
    for (const target of targets) {
      const { key } = this.#identity(target);
      seen.add(key);
      this.#look(target, key);
    }
    for (const key of this.#looks.keys()) if (!seen.has(key)) this.#looks.delete(key);
  }

  /** The latest look at each target that was scraped at all. */
  of(targets: readonly ScrapedTarget[]): Look[] {
    return targets.flatMap((target) => this.#looks.get(this.#identity(target).key) ?? []);
  }

  #identity(target: ScrapedTarget): Identity {
    let identity = this.#identities.get(target.label);
    if (identity === undefined) {
      const named = this.#names.of((label) => (label === 'job' ? target.job : target.label(label)));
      identity = { service: named ?? target.job, key: keyOf(target) };
      this.#identities.set(target.label, identity);
    }
    return identity;
  }

  #look(target: ScrapedTarget, key: string): void {
    if (target.health === 'unknown') return;
    const before = this.#looks.get(key);
    if (before?.at === target.lastScrape) return;
    const ok = target.health === 'up';
    const inARow = before?.ok === ok ? before.inARow + 1 : 1;
    this.#looks.set(key, {
      instance: target.instance,
      ok,
      inARow,
      at: target.lastScrape,
      error: ok ? undefined : target.lastError,
      refused: !ok && REFUSED.test(target.lastError),
    });
  }
}

export function instanceOf(target: ScrapedTarget): InstanceHealth {
  return {
    instance: target.instance,
    up: target.health === 'unknown' ? null : target.health === 'up',
    lastScrape: target.lastScrape === 0 ? null : target.lastScrape,
    lastError: target.lastError === '' ? null : target.lastError,
  };
}

function keyOf(target: ScrapedTarget): string {
  return `${target.job}\u0000${target.instance}`;
}

import type { Figures } from './objectives.ts';
import type { Signal } from './signal.ts';

/** What is learned by itself: requests that are slow say nothing of memory. */
type Part = 'traffic' | 'resources';
const PARTS: readonly Part[] = ['traffic', 'resources'];

interface Learned {
  readonly figures: Figures;
  /** Monotonic ms. */
  readonly at: number;
  /** When anything was learned first. */
  readonly firstAt: number;
}

/** The past that counts as usual ends this long ago, so that what begins now is not yet usual. */
export const USUAL_AGE_MS = 60_000;
/** How long it is. */
const USUAL_WINDOW_MS = 600_000;
/** Who is troubled again and again keeps what was usual for so long; after that, or while little was seen, a shorter stretch without trouble will do. */
const OLD_MS = 1_800_000;
const SHORT_WINDOW_MS = 120_000;

/** Figures over a past of so many ms that ended {@link USUAL_AGE_MS} ago, by service. */
type ReadPast = (windowMs: number) => Promise<ReadonlyMap<string, Figures>>;

/**
 * What is usual for the services of a tenant. It is learned only from a past in which a service's own figures were well: neither a fault
 * that lasts nor one that is just over must become the norm it is held against.
 */
export class Usual {
  readonly #learned: Readonly<Record<Part, Map<string, Learned>>> = {
    traffic: new Map(),
    resources: new Map(),
  };
  /** By service, monotonic ms: when it was not as usual last. */
  readonly #troubledAt: Readonly<Record<Part, Map<string, number>>> = {
    traffic: new Map(),
    resources: new Map(),
  };

  /** Null before anything is known of a service's past. */
  of(service: string): Figures | null {
    const traffic = this.#learned.traffic.get(service);
    const resources = this.#learned.resources.get(service);
    if (traffic === undefined || resources === undefined) return null;
    const { cpuPercent, memoryMb, loopLag, loopCpu, databaseTime } = resources.figures;
    return { ...traffic.figures, cpuPercent, memoryMb, loopLag, loopCpu, databaseTime };
  }

  /** What a service's figures say of it at a monotonic time. */
  notice(service: string, signals: readonly Signal[], now: number): void {
    for (const { kind, status, message } of signals) {
      // Who waits for its machine is well, and neither its resources nor its answers are as usual.
      const isWaiting = status === 'healthy' && message !== '';
      for (const part of PARTS)
        if (isWaiting || (status !== 'healthy' && kind === part)) this.#troubledAt[part].set(service, now);
    }
  }

  /** Learns at a monotonic time, and forgets services that are not known and have no past. */
  async learn(now: number, isKnown: (service: string) => boolean, read: ReadPast): Promise<void> {
    const past = await read(USUAL_WINDOW_MS);
    const behind: (readonly [Part, string])[] = [];
    for (const part of PARTS) {
      this.#forget(part, (service) => past.has(service) || isKnown(service));
      for (const [service, figures] of past) {
        const learned = this.#learned[part].get(service);
        const wellFor = now - (this.#troubledAt[part].get(service) ?? -Infinity) - USUAL_AGE_MS;
        if (learned === undefined || wellFor >= USUAL_WINDOW_MS) this.#take(part, service, figures, now);
        else if (wellFor >= SHORT_WINDOW_MS && isOutdated(learned, now)) behind.push([part, service]);
      }
    }
    if (behind.length === 0) return;
    const recent = await read(SHORT_WINDOW_MS);
    for (const [part, service] of behind) {
      const figures = recent.get(service);
      if (figures !== undefined) this.#take(part, service, figures, now);
    }
  }

  #take(part: Part, service: string, figures: Figures, now: number): void {
    const firstAt = this.#learned[part].get(service)?.firstAt ?? now;
    this.#learned[part].set(service, { figures, at: now, firstAt });
  }

  #forget(part: Part, isKept: (service: string) => boolean): void {
    for (const service of this.#learned[part].keys())
      if (!isKept(service)) {
        this.#learned[part].delete(service);
        this.#troubledAt[part].delete(service);
      }
  }
}

/** Learned long ago, or when a service had not been watched for long. */
function isOutdated({ at, firstAt }: Learned, now: number): boolean {
  return now - at >= OLD_MS || at - firstAt < USUAL_WINDOW_MS;
}

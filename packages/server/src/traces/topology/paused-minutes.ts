import type { Clock } from '../../kernel/clock.ts';

interface Paused {
  readonly pauseMs: number;
  /** On the monotonic clock. */
  readonly until: number;
}

const FIRST_MS = 60_000;
const LONGEST_MS = 3_600_000;

/** Minutes whose edges could not be computed, so that others do not wait for them: each is left alone for a while, twice as long each time. */
export class PausedMinutes {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #paused = new Map<string, Paused>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  has(tenant: string, minute: number): boolean {
    const paused = this.#paused.get(keyOf(tenant, minute));
    return paused !== undefined && this.#clock.monotonic() < paused.until;
  }

  /** Leaves a minute alone; answers for how long. */
  add(tenant: string, minute: number): number {
    const key = keyOf(tenant, minute);
    const known = this.#paused.get(key);
    const pauseMs = known === undefined ? FIRST_MS : Math.min(LONGEST_MS, known.pauseMs * 2);
    this.#paused.set(key, { pauseMs, until: this.#clock.monotonic() + pauseMs });
    return pauseMs;
  }

  /** It was computed. */
  delete(tenant: string, minute: number): void {
    this.#paused.delete(keyOf(tenant, minute));
  }
}

function keyOf(tenant: string, minute: number): string {
  return `${minute} ${tenant}`;
}

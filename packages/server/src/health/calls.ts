import type { Clock, Timer } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Calls } from './dependencies.ts';

export interface CallsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly tenants: () => readonly string[];
  /** Each tells who called whom lately; may ask the engine. What they say is added up. */
  readonly sources: readonly ((tenant: string) => Promise<Calls>)[];
}

const EVERY_MS = 15_000;
const NONE: Calls = new Map();

/** Keeps who calls whom in memory, so that health can tell a cause from a symptom while the engine is away. */
export class CallsWatch {
  readonly #options: CallsOptions;
  readonly #calls = new Map<string, { readonly parts: Calls[]; merged: Calls }>();
  #timer: Timer | null = null;
  #running = false;
  #hasLooked = false;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#timer !== null) return;
    this.#timer = this.#options.clock.every(EVERY_MS, () => void this.look());
    void this.look();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Whether anybody was asked yet: before, nothing is known. */
  get hasLooked(): boolean {
    return this.#hasLooked;
  }

  of(tenant: string): Calls {
    return this.#calls.get(tenant)?.merged ?? NONE;
  }

  /** Whether a source alone, by its place, tells of every service that one is known to call. */
  isWhole(tenant: string, service: string, source: number): boolean {
    const known = this.#calls.get(tenant);
    const told = known?.parts[source]?.get(service);
    return [...(known?.merged.get(service) ?? [])].every((called) => told?.has(called) === true);
  }

  /** Asks all sources for all tenants anew; of one that fails the last answer stays. Never throws. */
  async look(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    const tenants = this.#options.tenants();
    for (const tenant of this.#calls.keys()) if (!tenants.includes(tenant)) this.#calls.delete(tenant);
    for (const tenant of tenants) await this.#lookAt(tenant);
    this.#running = false;
    this.#hasLooked = true;
  }

  async #lookAt(tenant: string): Promise<void> {
    let known = this.#calls.get(tenant);
    if (known === undefined)
      this.#calls.set(tenant, (known = { parts: this.#options.sources.map(() => NONE), merged: NONE }));
    for (const [place, read] of this.#options.sources.entries()) {
      try {
        known.parts[place] = await read(tenant);
      } catch (error) {
        this.#options.log.debug(
          { err: error, tenant },
          'who calls whom could not be read; the last answer stays',
        );
      }
    }
    known.merged = mergeCalls(known.parts);
  }
}

function mergeCalls(parts: readonly Calls[]): Calls {
  const merged = new Map<string, Set<string>>();
  for (const part of parts) {
    for (const [caller, called] of part) {
      const known = merged.get(caller) ?? new Set<string>();
      for (const name of called) known.add(name);
      merged.set(caller, known);
    }
  }
  return merged;
}

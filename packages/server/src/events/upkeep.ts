import type { Clock, Timer } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Service } from '../kernel/services.ts';
import type { EventsConfig } from './config.ts';
import type { Histories } from './history/histories.ts';
import type { Cleanup } from './maintenance/cleanup.ts';
import type { ReEvaluator } from './maintenance/re-evaluation.ts';
import type { EventReader } from './store/reader.ts';
import type { EventsStore } from './store/store.ts';
import { type VerdictStates, WINDOW_MINUTES } from './verdict-states.ts';

export interface UpkeepDeps {
  readonly store: Pick<EventsStore, 'tenants' | 'total'>;
  readonly reader: Pick<EventReader, 'walk'>;
  readonly states: Pick<VerdictStates, 'recall'>;
  readonly histories: Pick<Histories, 'collect'>;
  readonly cleanup: Pick<Cleanup, 'surplus' | 'cleanUp'>;
  readonly reEvaluator: Pick<ReEvaluator, 'stop'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly config: Pick<EventsConfig, 'max_entries'>;
}

const EVERY_MS = 10 * 60_000;

/** What is recalled of the last minutes before a restart. */
const MOST_RECALLED = 20_000;

/** At start: recalls the verdicts of the last minutes. Every ten minutes: forgets silent sources' histories, and archives what is beyond `max_entries`. */
export class Upkeep implements Service {
  readonly name = 'events-upkeep';
  readonly dependsOn = ['events-store', 'engine'];
  readonly #deps: UpkeepDeps;
  #timer: Timer | null = null;

  constructor(deps: UpkeepDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = this.#deps.clock.every(EVERY_MS, () => void this.run());
    void this.#recall();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#deps.reEvaluator.stop();
  }

  async #recall(): Promise<void> {
    const { store, reader, states, clock, log } = this.#deps;
    const from = clock.now() - WINDOW_MINUTES * 60_000;
    // What comes from now on is counted as it comes.
    const known = store.tenants().map((tenant) => ({ tenant, last: store.total(tenant) }));
    try {
      for (const { tenant, last } of known)
        await reader.walk(tenant, { from }, { most: MOST_RECALLED }, (event) => {
          if (event.seq <= last) states.recall(tenant, event);
        });
    } catch (error) {
      log.warn({ err: error }, 'the verdicts of the last minutes could not be read');
    }
  }

  async run(): Promise<void> {
    const { histories, clock, log, store, cleanup, config } = this.#deps;
    histories.collect(clock.now());
    const { max_entries: most } = config;
    if (most === undefined) return;
    try {
      for (const tenant of store.tenants()) {
        const old = await cleanup.surplus(tenant, most);
        if (old !== undefined) await cleanup.cleanUp(tenant, old);
      }
    } catch (error) {
      log.warn(
        { err: error },
        'events beyond events.max_entries could not be archived; the next attempt comes',
      );
    }
  }
}

import type { Engine } from '../engine/index.ts';
import type { Journal, StateStore } from '../journal/index.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { ServiceNames } from '../kernel/names.ts';
import type { Telemetry } from '../kernel/telemetry.ts';
import { BreakerChannel } from './channel.ts';
import { BreakerCommands } from './commands.ts';
import { BreakerFleet } from './fleet.ts';
import { BreakerHistory } from './history.ts';
import { BreakerSeries, type SeriesReader } from './series.ts';
import { breakersTelemetry } from './telemetry.ts';
import { type BreakerView, fleetView, type ServiceBreakers, serviceBreakers } from './view.ts';

export interface BreakersOptions {
  readonly engine: Pick<Engine, 'query'>;
  readonly journal: Pick<Journal, 'append' | 'replay'>;
  readonly state: StateStore;
  readonly reader: SeriesReader;
  readonly names: ServiceNames;
  readonly clock: Clock;
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly newId: () => string;
}

const SWEEP_MS = 5_000;
/** Listeners hear at most this often of one tenant: a fleet that flaps is one change to whoever draws it. */
const TELL_MS = 250;

/** Everything about breakers in one place: who reports, what they are told, what happened. */
export class Breakers {
  readonly history: BreakerHistory;
  readonly commands: BreakerCommands;
  readonly channel: BreakerChannel;
  readonly series: BreakerSeries;
  readonly #fleet = new BreakerFleet();
  readonly #options: BreakersOptions;
  readonly #listeners = new Set<(tenant: string) => void>();
  readonly #telling = new Map<string, Timer>();
  #sweep: Timer | null = null;

  constructor(options: BreakersOptions) {
    this.#options = options;
    const { clock, names } = options;
    const fleet = this.#fleet;
    const telemetry = breakersTelemetry(options.telemetry);
    telemetry.observe((instances, breakers) => {
      for (const { status, breakers: own } of fleet.all()) {
        instances(status);
        if (status === 'live') for (const { state } of own) breakers(state.toLowerCase());
      }
    });
    this.history = new BreakerHistory(options);
    this.series = new BreakerSeries(options);
    this.commands = new BreakerCommands({ ...options, fleet, telemetry });
    this.channel = new BreakerChannel({
      fleet,
      commands: this.commands,
      history: this.history,
      names,
      clock,
      telemetry,
      changed: (tenant) => this.#tell(tenant),
    });
  }

  start(): void {
    const { clock } = this.#options;
    this.#sweep = clock.every(SWEEP_MS, () => {
      for (const tenant of this.#fleet.sweep(clock.now())) this.#tell(tenant);
    });
  }

  async stop(): Promise<void> {
    this.#sweep?.cancel();
    for (const timer of this.#telling.values()) timer.cancel();
    this.channel.close();
    await this.commands.save();
  }

  /** Every breaker of a tenant, the worst first. */
  async list(tenant: string): Promise<readonly BreakerView[]> {
    const { clock, names } = this.#options;
    const seen = await this.series.seen(tenant);
    return fleetView(this.#fleet.list(tenant, clock.now()), seen, names.canonical);
  }

  /** Those that at least one running process has. */
  async running(tenant: string): Promise<readonly BreakerView[]> {
    return (await this.list(tenant)).filter(({ instances }) =>
      instances.some(({ status }) => status === 'live'),
    );
  }

  /** How each service's breakers stand, with reasons in words. */
  async states(tenant: string): Promise<readonly ServiceBreakers[]> {
    return serviceBreakers(await this.list(tenant));
  }

  /** Called a moment after anything about a tenant's breakers changed. Returns the unsubscribe. */
  onChange(listener: (tenant: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(tenant: string): void {
    if (this.#telling.has(tenant)) return;
    const timer = this.#options.clock.after(TELL_MS, () => {
      this.#telling.delete(tenant);
      for (const listener of this.#listeners) listener(tenant);
    });
    this.#telling.set(tenant, timer);
  }
}

import type { Clock, Timer } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { ServiceNames } from '../kernel/names.ts';
import { type FigureSource, readFigures } from './figures.ts';
import { judgeFigures, type Objectives } from './objectives.ts';
import type { Signal } from './signal.ts';
import type { HealthTelemetry } from './telemetry.ts';
import { USUAL_AGE_MS, Usual } from './usual.ts';

export interface TrafficOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly names: ServiceNames;
  readonly reader: FigureSource;
  readonly telemetry: HealthTelemetry;
  /** Limits of one service; the service's own where it has some. */
  readonly objectives: (service: string) => Objectives;
  /** The window the rates are over, ms. */
  readonly window: number;
  /** Whose series are judged. */
  readonly tenants: () => readonly string[];
  /** Whether all calls that a service is known to make are counted by its breakers. */
  readonly countsItsCalls: (tenant: string, service: string) => boolean;
}

interface Watched {
  signals: ReadonlyMap<string, readonly Signal[]>;
  /** Monotonic ms, as is the other. */
  readAt: number;
  readonly usual: Usual;
  usualAt: number;
}

const EVERY_MS = 2000;
/** A round that took long is followed by a rest of so many times that: the figures of many services cost a share of a core at most. */
const REST_TIMES = 20;
const LONGEST_REST_MS = 60_000;
/** What a look costs is the shortest of the last so many: what others do on a busy machine makes the others long. */
const LOOKS_COMPARED = 5;
const USUAL_EVERY_MS = 60_000;
/** Figures say nothing when the next ones are late by this: the store does not answer. */
const STALE_MS = 20_000;
const NONE: ReadonlyMap<string, readonly Signal[]> = new Map();

/**
 * Holds every service's traffic against its objectives and its own past (usual.ts), every two seconds, from the series in memory.
 */
export class TrafficWatch {
  readonly #options: TrafficOptions;
  readonly #tenants = new Map<string, Watched>();
  #timer: Timer | null = null;
  #running = false;
  /** After a round, ms. */
  #rest = 0;
  #restUntil = -Infinity;
  /** How long the last looks took, ms. */
  #took: number[] = [];

  constructor(options: TrafficOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= this.#options.clock.every(EVERY_MS, () => {
      if (this.#options.clock.monotonic() >= this.#restUntil) void this.look();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** From memory; empty once the figures are stale. */
  signals(tenant: string): ReadonlyMap<string, readonly Signal[]> {
    const watched = this.#tenants.get(tenant);
    if (watched === undefined) return NONE;
    return this.#options.clock.monotonic() - watched.readAt > this.#rest + STALE_MS ? NONE : watched.signals;
  }

  /** One round over all tenants. Never throws; a round that is still running is not doubled. */
  async look(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    const began = this.#options.clock.monotonic();
    const tenants = this.#options.tenants();
    for (const tenant of this.#tenants.keys()) if (!tenants.includes(tenant)) this.#tenants.delete(tenant);
    for (const tenant of tenants) {
      try {
        await this.#lookAt(tenant);
        this.#options.telemetry.objectives.inc({ outcome: 'ok' });
      } catch (error) {
        this.#options.telemetry.objectives.inc({ outcome: 'failed' });
        this.#options.log.warn({ err: error, tenant }, 'live traffic could not be judged');
      }
    }
    this.#running = false;
    const ended = this.#options.clock.monotonic();
    this.#took = [...this.#took, ended - began].slice(-LOOKS_COMPARED);
    this.#rest = Math.min(LONGEST_REST_MS, Math.min(...this.#took) * REST_TIMES);
    this.#restUntil = ended + this.#rest;
  }

  async #lookAt(tenant: string): Promise<void> {
    const { clock, names, reader, objectives, window, countsItsCalls } = this.#options;
    let watched = this.#tenants.get(tenant);
    if (watched === undefined) {
      watched = { signals: NONE, readAt: -Infinity, usual: new Usual(), usualAt: -Infinity };
      this.#tenants.set(tenant, watched);
    }
    if (clock.monotonic() - watched.usualAt >= USUAL_EVERY_MS) {
      await this.#learn(tenant, watched);
      watched.usualAt = clock.monotonic();
    }
    const time = clock.now();
    const figures = await readFigures(reader, names, {
      tenant,
      time,
      window,
      usual: false,
    });
    const { usual } = watched;
    watched.signals = new Map(
      [...figures].map(([service, read]) => {
        const now = countsItsCalls(tenant, service) ? read : { ...read, failedCallRate: null };
        return [service, judgeFigures(now, usual.of(service), objectives(service), time)];
      }),
    );
    watched.readAt = clock.monotonic();
    for (const [service, signals] of watched.signals) usual.notice(service, signals, watched.readAt);
  }

  async #learn(tenant: string, { usual, signals }: Watched): Promise<void> {
    const { clock, names, reader } = this.#options;
    await usual.learn(
      clock.monotonic(),
      (service) => signals.has(service),
      (window) =>
        readFigures(reader, names, { tenant, window, time: clock.now() - USUAL_AGE_MS, usual: true }),
    );
  }
}

import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logs/logger.ts';
import { type BreakerOptions, CircuitBreaker } from './breaker.ts';
import { connectCockatiel, isCockatiel } from './cockatiel.ts';
import { type BreakerStateName, ZERO_COUNTS } from './machine.ts';
import { connectOpossum, isOpossum } from './opossum.ts';
import {
  type BreakerObserver,
  type BreakerSnapshot,
  type BreakerView,
  CALL_RESULTS,
  STATE_NAMES,
  type StateChange,
  snapshotCounts,
  upstreamOf,
} from './view.ts';
import { WatchedBreaker } from './watched.ts';

const STATE_VALUE = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 } as const;
const STATE_LABEL = { CLOSED: 'closed', HALF_OPEN: 'half-open', OPEN: 'open' } as const;

/** A breaker that still holds calls back is worse than one that tries again; among equals the one with more failures. */
function worstOf(snapshots: readonly BreakerSnapshot[], owner: string): BreakerHealth {
  let worst: BreakerSnapshot | null = null;
  for (const candidate of snapshots) {
    if (worst === null || badness(candidate) > badness(worst)) worst = candidate;
  }
  if (worst === null) return { service: owner, state: 'CLOSED', counts: snapshotCounts(ZERO_COUNTS) };
  return { service: worst.service, state: worst.state, counts: worst.counts };
}

function badness(snapshot: BreakerSnapshot): number {
  const failures = Math.min(snapshot.counts.consecutive_failures, 1e6);
  return STATE_VALUE[snapshot.state] * 1e7 + failures;
}

export interface BreakerHealth {
  readonly service: string;
  readonly state: BreakerStateName;
  readonly counts: BreakerSnapshot['counts'];
}

export interface BreakerRegistryDeps {
  /** The service that owns the breakers: label `service` of their metrics. */
  readonly owner: string;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What breakers take where their own options are silent (`CIRCUIT_BREAKER_*`). */
  readonly defaults: BreakerOptions;
}

export interface WatchOptions {
  /** Name of the breaker in Pharos. Default: the name the breaker itself has. */
  readonly name?: string | undefined;
  /** The protected upstream. Default: the breaker's name without `-client`. */
  readonly service?: string | undefined;
}

/** Told of every change of state or hold of any breaker, and of breakers that come and go. */
export interface BreakerListener {
  changed(breaker: BreakerView, change: StateChange): void;
  touched(): void;
}

/** The breakers of one service, by name, with their metrics. */
export class BreakerRegistry {
  readonly #deps: BreakerRegistryDeps;
  readonly #breakers = new Map<string, BreakerView>();
  readonly #observer: BreakerObserver;
  #listener: BreakerListener | null = null;

  constructor(deps: BreakerRegistryDeps) {
    this.#deps = deps;
    exposeMetrics(deps, this.#breakers);
    this.#observer = observe(deps, () => this.#listener);
  }

  /**
   * Makes a breaker, or returns the one that has the name already. Throws RangeError on options out of range, and on a name
   * that a watched breaker has.
   */
  create(name: string, options: BreakerOptions = {}): CircuitBreaker {
    const known = this.#breakers.get(name);
    if (known instanceof CircuitBreaker) return known;
    if (known !== undefined)
      throw new RangeError(
        `circuit breaker ${name}: a breaker of ${known.kind} that is watched has this name`,
      );
    const { clock, defaults } = this.#deps;
    const breaker = new CircuitBreaker(name, merged(defaults, options), clock, this.#observer);
    this.#add(breaker);
    return breaker;
  }

  /**
   * Shows a breaker of opossum or cockatiel beside our own: its metrics, state and history, and commands as far as its library
   * can be told. It decides as before. Returns what ends the watching. Throws TypeError on anything else, and RangeError when
   * its name is missing or taken.
   */
  watch(breaker: object, options: WatchOptions = {}): { stop(): void } {
    const connect = isOpossum(breaker)
      ? connectOpossum(breaker)
      : isCockatiel(breaker)
        ? connectCockatiel(breaker)
        : null;
    if (connect === null)
      throw new TypeError('breakers.watch: expected a circuit breaker of opossum or cockatiel');
    const own: unknown = Reflect.get(breaker, 'name');
    const name = options.name ?? (typeof own === 'string' ? own : '');
    if (name === '') throw new RangeError('breakers.watch: the breaker has no name; give one in the options');
    if (this.#breakers.has(name)) throw new RangeError(`breakers.watch: there is a breaker ${name} already`);
    const names = { name, service: options.service ?? upstreamOf(name) };
    const watched = new WatchedBreaker(names, connect, this.#deps.clock, this.#observer);
    this.#add(watched);
    return {
      stop: () => {
        if (this.#breakers.get(name) !== watched) return;
        watched.stop();
        this.#breakers.delete(name);
        this.#listener?.touched();
      },
    };
  }

  /** Our own breaker of that name. */
  get(name: string): CircuitBreaker | undefined {
    const known = this.#breakers.get(name);
    return known instanceof CircuitBreaker ? known : undefined;
  }

  /** All of them, watched ones too, in the order of their making. */
  views(): readonly BreakerView[] {
    return [...this.#breakers.values()];
  }

  /** One listener at most: what reports to Pharos. */
  listen(listener: BreakerListener | null): void {
    this.#listener = listener;
  }

  /** All breakers in the order of their making. */
  snapshot(): BreakerSnapshot[] {
    return Array.from(this.#breakers.values(), (breaker) => breaker.snapshot());
  }

  /** The worst breaker; without any, a closed one of the owner with zero counts. */
  worst(): BreakerHealth {
    return worstOf(this.snapshot(), this.#deps.owner);
  }

  /**
   * Resets the breakers that have this name or protect this upstream; all without one.
   * Returns the names reset: empty says that there is none such.
   */
  reset(nameOrService?: string): string[] {
    const names: string[] = [];
    for (const breaker of this.#breakers.values()) {
      const meant =
        nameOrService === undefined || breaker.name === nameOrService || breaker.service === nameOrService;
      if (!meant) continue;
      breaker.act('reset', null);
      names.push(breaker.name);
    }
    return names;
  }

  #add(breaker: BreakerView): void {
    this.#breakers.set(breaker.name, breaker);
    this.#listener?.touched();
  }
}

function merged(defaults: BreakerOptions, options: BreakerOptions): BreakerOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

function exposeMetrics(deps: BreakerRegistryDeps, breakers: ReadonlyMap<string, BreakerView>): void {
  const { owner, registry } = deps;
  const registers = [registry];
  new Gauge({
    name: 'circuit_breaker_state',
    help: 'State of the breaker: 0 closed, 1 half-open, 2 open.',
    labelNames: ['service', 'name'],
    registers,
    collect() {
      this.reset();
      for (const breaker of breakers.values())
        this.set({ service: owner, name: breaker.name }, STATE_VALUE[breaker.state]);
    },
  });
  new Counter({
    name: 'circuit_breaker_requests_total',
    help: 'Calls through the breaker by the state they met and their result.',
    labelNames: ['service', 'name', 'state', 'result'],
    registers,
    // The breakers count in plain numbers: a labelled counter costs more than the call through the breaker.
    collect() {
      this.reset();
      for (const breaker of breakers.values())
        for (const state of STATE_NAMES)
          for (const result of CALL_RESULTS) {
            const calls = breaker.calls(state, result);
            const labels = { service: owner, name: breaker.name, state: STATE_LABEL[state], result };
            if (calls > 0) this.inc(labels, calls);
          }
    },
  });
}

function observe(deps: BreakerRegistryDeps, listener: () => BreakerListener | null): BreakerObserver {
  const { owner, registry, logger } = deps;
  const changes = new Counter({
    name: 'circuit_breaker_state_changes_total',
    help: 'Changes of state of the breaker.',
    labelNames: ['service', 'name', 'from_state', 'to_state'],
    registers: [registry],
  });
  return {
    changed: (breaker, change) => {
      const { name, service, from, to, reason } = change;
      changes.inc({ service: owner, name, from_state: STATE_LABEL[from], to_state: STATE_LABEL[to] });
      const context = { breaker: name, upstream: service, from, to, reason };
      logger[to === 'OPEN' ? 'warn' : 'info']('circuit breaker changed state', context);
      listener()?.changed(breaker, change);
    },
    held: () => listener()?.touched(),
    callbackFailed: ({ name }, callback, error) =>
      logger.error('callback of a circuit breaker threw', { breaker: name, callback, error }),
  };
}

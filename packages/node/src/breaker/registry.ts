import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logs/logger.ts';
import {
  type BreakerObserver,
  type BreakerOptions,
  type BreakerSnapshot,
  CircuitBreaker,
  snapshotCounts,
} from './breaker.ts';
import { type BreakerStateName, ZERO_COUNTS } from './machine.ts';

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

/** The breakers of one service, by name, with their metrics. */
export class BreakerRegistry {
  readonly #deps: BreakerRegistryDeps;
  readonly #breakers = new Map<string, CircuitBreaker>();
  readonly #observer: BreakerObserver;

  constructor(deps: BreakerRegistryDeps) {
    this.#deps = deps;
    this.#observer = observe(deps, this.#breakers);
  }

  /** Makes a breaker, or returns the one that has the name already. Throws RangeError on options out of range. */
  create(name: string, options: BreakerOptions = {}): CircuitBreaker {
    const known = this.#breakers.get(name);
    if (known !== undefined) return known;
    const { clock, defaults } = this.#deps;
    const breaker = new CircuitBreaker(name, merged(defaults, options), clock, this.#observer);
    this.#breakers.set(name, breaker);
    return breaker;
  }

  get(name: string): CircuitBreaker | undefined {
    return this.#breakers.get(name);
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
      breaker.reset();
      names.push(breaker.name);
    }
    return names;
  }
}

function merged(defaults: BreakerOptions, options: BreakerOptions): BreakerOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(given) };
}

function observe(deps: BreakerRegistryDeps, breakers: ReadonlyMap<string, CircuitBreaker>): BreakerObserver {
  const { owner, registry, logger } = deps;
  const registers = [registry];
  new Gauge({
    name: 'circuit_breaker_state',
    help: 'State of the breaker: 0 closed, 1 half-open, 2 open.',
    labelNames: ['service', 'name'],
    registers,
    collect() {
      for (const breaker of breakers.values())
        this.set({ service: owner, name: breaker.name }, STATE_VALUE[breaker.state]);
    },
  });
  const requests = new Counter({
    name: 'circuit_breaker_requests_total',
    help: 'Calls through the breaker by the state they met and their result.',
    labelNames: ['service', 'name', 'state', 'result'],
    registers,
  });
  const changes = new Counter({
    name: 'circuit_breaker_state_changes_total',
    help: 'Changes of state of the breaker.',
    labelNames: ['service', 'name', 'from_state', 'to_state'],
    registers,
  });
  return {
    called: ({ name }, state, result) =>
      requests.inc({ service: owner, name, state: STATE_LABEL[state], result }),
    changed: ({ name, service }, { from, to, reason }) => {
      changes.inc({ service: owner, name, from_state: STATE_LABEL[from], to_state: STATE_LABEL[to] });
      const context = { breaker: name, upstream: service, from, to, reason };
      logger[to === 'OPEN' ? 'warn' : 'info']('circuit breaker changed state', context);
    },
    callbackFailed: ({ name }, callback, error) =>
      logger.error('callback of a circuit breaker threw', { breaker: name, callback, error }),
  };
}

import type { Clock } from '../clock.ts';
import type { AdaptiveOptions, AdaptiveThreshold } from './adaptive.ts';
import { adaptiveThreshold } from './adaptive.ts';
import {
  type BreakerEffect,
  type BreakerInput,
  type BreakerRules,
  type BreakerState,
  type BreakerStateName,
  type ChangeReason,
  type Counts,
  initialState,
  step,
} from './machine.ts';

export type Fallback<T> = (error: unknown) => T | Promise<T>;

export interface StateChange {
  readonly name: string;
  readonly service: string;
  readonly from: BreakerStateName;
  readonly to: BreakerStateName;
  readonly reason: ChangeReason;
  /** What the generation that ended had seen. */
  readonly counts: Counts;
}

export interface BreakerOptions {
  /** The protected upstream, as JSON and `reset?service=` name it. Default: the breaker's name without `-client`. */
  readonly service?: string | undefined;
  /** Calls let through while HALF_OPEN, and the successes in a row that close the breaker. Default 5. */
  readonly maxRequests?: number | undefined;
  /** Milliseconds after which CLOSED forgets its counts; 0 = never. Default 60,000. */
  readonly interval?: number | undefined;
  /** Milliseconds OPEN lasts before calls are tried again. Default 60,000. */
  readonly timeout?: number | undefined;
  /** Consecutive failures that trip, where `readyToTrip` is not given. Default 5. */
  readonly failureThreshold?: number | undefined;
  /** Asked after each failure while CLOSED; true opens the breaker. Takes the place of `failureThreshold` and `adaptive`. */
  readonly readyToTrip?: ((counts: Counts) => boolean) | undefined;
  /** Whether a call's outcome counts as a success; gets undefined for a call that returned. Default: only a call that returned. */
  readonly isSuccessful?: ((error: unknown) => boolean) | undefined;
  readonly onStateChange?: ((change: StateChange) => void) | undefined;
  /** A threshold that follows the upstream's usual failure ratio; true takes its defaults. Default off. */
  readonly adaptive?: boolean | AdaptiveOptions | undefined;
}

export interface ExecuteOptions<T> {
  /** Answers in place of a failed or rejected call. */
  readonly fallback?: Fallback<T> | undefined;
  /** The caller's own signal: a call that fails after it aborted says nothing about the upstream and is not counted. */
  readonly signal?: AbortSignal | undefined;
}

type CallResult = 'success' | 'failure' | 'rejected';

/** What a breaker tells its registry; the registry turns it into metrics and logs. */
export interface BreakerObserver {
  called(breaker: CircuitBreaker, state: BreakerStateName, result: CallResult): void;
  changed(breaker: CircuitBreaker, change: StateChange): void;
  /** A callback of the host threw; the breaker went on without it. */
  callbackFailed(breaker: CircuitBreaker, callback: string, error: unknown): void;
}

/** The breaker let no call through. `retryAfterMs` is null when it is held open by command. */
export class CircuitOpenError extends Error {
  override readonly name = 'CircuitOpenError';
  readonly code = 'PHAROS_CIRCUIT_OPEN';
  readonly breaker: string;
  readonly service: string;
  readonly state: BreakerStateName;
  readonly retryAfterMs: number | null;

  constructor(breaker: string, service: string, state: BreakerStateName, retryAfterMs: number | null) {
    super(`circuit breaker ${breaker} is ${state === 'OPEN' ? 'open' : 'half-open and probing'}`);
    this.breaker = breaker;
    this.service = service;
    this.state = state;
    this.retryAfterMs = retryAfterMs;
  }
}

/** A breaker as `/health`, `/circuit-breakers/status` and `/monitoring/circuit-breakers` show it. */
export interface BreakerSnapshot {
  /** The protected upstream. */
  readonly service: string;
  readonly name: string;
  readonly state: BreakerStateName;
  readonly counts: SnapshotCounts;
  /** ISO 8601; null as long as the state never changed. */
  readonly last_change: string | null;
  readonly forced: boolean;
}

export interface SnapshotCounts {
  readonly requests: number;
  readonly total_successes: number;
  readonly total_failures: number;
  readonly consecutive_successes: number;
  readonly consecutive_failures: number;
}

const DEFAULTS = { maxRequests: 5, interval: 60_000, timeout: 60_000, failureThreshold: 5 } as const;

/** Guards calls to one upstream. Safe to share between requests; made by `BreakerRegistry.create`. */
export class CircuitBreaker {
  readonly name: string;
  readonly service: string;
  readonly #clock: Clock;
  readonly #observer: BreakerObserver;
  readonly #options: BreakerOptions;
  readonly #rules: BreakerRules;
  readonly #adaptive: AdaptiveThreshold | null;
  #state: BreakerState;
  #lastChange: number | null = null;

  constructor(name: string, options: BreakerOptions, clock: Clock, observer: BreakerObserver) {
    this.name = name;
    this.service = options.service ?? name.replace(/-client$/, '');
    this.#clock = clock;
    this.#observer = observer;
    this.#options = options;
    const failureThreshold = positive(name, 'failureThreshold', options.failureThreshold);
    this.#adaptive =
      options.adaptive === undefined || options.adaptive === false
        ? null
        : adaptiveThreshold(failureThreshold, options.adaptive === true ? {} : options.adaptive);
    const byCount = (counts: Counts): boolean => counts.consecutiveFailures >= failureThreshold;
    const readyToTrip = options.readyToTrip ?? this.#adaptive?.readyToTrip ?? byCount;
    this.#rules = {
      maxRequests: positive(name, 'maxRequests', options.maxRequests),
      intervalMs: notNegative(name, 'interval', options.interval),
      timeoutMs: notNegative(name, 'timeout', options.timeout),
      readyToTrip: (counts) => this.#ask('readyToTrip', () => readyToTrip(counts), byCount(counts)),
    };
    this.#state = initialState(this.#rules, clock.monotonic());
  }

  /** The state now; time alone may have moved it since the last call. */
  get state(): BreakerStateName {
    this.#step({ type: 'tick' });
    return this.#state.kind;
  }

  get counts(): Counts {
    this.#step({ type: 'tick' });
    return this.#state.counts;
  }

  /**
   * Runs the call if the breaker lets it through.
   * Rejects with `CircuitOpenError` when it does not, else with the call's own error; `fallback` answers in both cases.
   */
  async execute<T>(call: () => T | Promise<T>, options: ExecuteOptions<T> = {}): Promise<T> {
    try {
      return await this.#guarded(call, options.signal);
    } catch (error) {
      if (options.fallback === undefined) throw error;
      return await options.fallback(error);
    }
  }

  /** Back to CLOSED with fresh counts, also out of a forced state. */
  reset(): void {
    this.#step({ type: 'reset' });
  }

  /** Held open until `reset`: no call passes. */
  forceOpen(): void {
    this.#step({ type: 'force_open' });
  }

  /** Held closed until `reset`: every call passes, whatever fails. */
  forceClosed(): void {
    this.#step({ type: 'force_closed' });
  }

  snapshot(): BreakerSnapshot {
    this.#step({ type: 'tick' });
    const state = this.#state;
    return {
      service: this.service,
      name: this.name,
      state: state.kind,
      counts: snapshotCounts(state.counts),
      last_change: this.#lastChange === null ? null : new Date(this.#lastChange).toISOString(),
      forced:
        (state.kind === 'OPEN' && state.opensUntil === null) || (state.kind === 'CLOSED' && state.forced),
    };
  }

  async #guarded<T>(call: () => T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    const { generation, state } = this.#admit();
    try {
      const value = await call();
      this.#observer.called(this, state, 'success');
      this.#step({ type: 'success', generation });
      return value;
    } catch (error) {
      if (signal?.aborted === true) {
        this.#step({ type: 'ignored', generation });
        throw error;
      }
      const isSuccessful = this.#options.isSuccessful;
      const ok = isSuccessful !== undefined && this.#ask('isSuccessful', () => isSuccessful(error), false);
      this.#observer.called(this, state, ok ? 'success' : 'failure');
      this.#step({ type: ok ? 'success' : 'failure', generation });
      throw error;
    }
  }

  #admit(): { generation: number; state: BreakerStateName } {
    for (const effect of this.#step({ type: 'request' })) {
      if (effect.type === 'admitted') return { generation: effect.generation, state: this.#state.kind };
      if (effect.type === 'rejected') {
        this.#observer.called(this, this.#state.kind, 'rejected');
        throw new CircuitOpenError(this.name, this.service, this.#state.kind, effect.retryAfterMs);
      }
    }
    throw new Error('unreachable: a request is admitted or rejected');
  }

  #step(input: BreakerInput): readonly BreakerEffect[] {
    const { state, effects } = step(this.#state, input, this.#clock.monotonic(), this.#rules);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    return effects;
  }

  #perform(effect: BreakerEffect): void {
    if (effect.type === 'interval_ended') this.#adaptive?.learn(effect.counts);
    if (effect.type !== 'changed') return;
    this.#lastChange = this.#clock.now();
    const { from, to, reason, counts } = effect;
    const change: StateChange = { name: this.name, service: this.service, from, to, reason, counts };
    this.#observer.changed(this, change);
    const { onStateChange } = this.#options;
    if (onStateChange !== undefined) this.#ask('onStateChange', () => onStateChange(change), undefined);
  }

  /** Runs a callback of the host's; one that throws is reported and answered by `otherwise`. */
  #ask<T>(callback: string, run: () => T, otherwise: T): T {
    try {
      return run();
    } catch (error) {
      this.#observer.callbackFailed(this, callback, error);
      return otherwise;
    }
  }
}

export function snapshotCounts(counts: Counts): SnapshotCounts {
  return {
    requests: counts.requests,
    total_successes: counts.totalSuccesses,
    total_failures: counts.totalFailures,
    consecutive_successes: counts.consecutiveSuccesses,
    consecutive_failures: counts.consecutiveFailures,
  };
}

function positive(
  name: string,
  field: 'maxRequests' | 'failureThreshold',
  value: number | undefined,
): number {
  const number = value ?? DEFAULTS[field];
  if (Number.isInteger(number) && number >= 1) return number;
  throw new RangeError(
    `circuit breaker ${name}: ${field} is ${number}, expected a whole number of at least 1`,
  );
}

function notNegative(name: string, field: 'interval' | 'timeout', value: number | undefined): number {
  const number = value ?? DEFAULTS[field];
  if (Number.isFinite(number) && number >= 0) return number;
  throw new RangeError(`circuit breaker ${name}: ${field} is ${number}, expected milliseconds of at least 0`);
}

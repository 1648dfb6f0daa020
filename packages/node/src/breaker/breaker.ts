import type { Clock } from '../clock.ts';
import type { AdaptiveOptions, AdaptiveThreshold } from './adaptive.ts';
import { adaptiveThreshold } from './adaptive.ts';
import {
  type BreakerEffect,
  type BreakerInput,
  type BreakerRules,
  type BreakerState,
  type BreakerStateName,
  type Counts,
  changesAt,
  forcedUntil,
  initialState,
  isForced,
  step,
} from './machine.ts';
import {
  BREAKER_ACTIONS,
  type BreakerAction,
  type BreakerObserver,
  type BreakerSnapshot,
  type BreakerView,
  type CallResult,
  CallTally,
  countFailure,
  countSuccess,
  FAILURE,
  isoTime,
  type LiveCounts,
  liveCounts,
  REJECTED,
  STATE_NAMES,
  type StateChange,
  SUCCESS,
  snapshotCounts,
  upstreamOf,
} from './view.ts';

export type Fallback<T> = (error: unknown) => T | Promise<T>;

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

const NO_OPTIONS: ExecuteOptions<never> = {};
const STATES = STATE_NAMES.length;
const NO_TICKET = -1;
const DEFAULTS = { maxRequests: 5, interval: 60_000, timeout: 60_000, failureThreshold: 5 } as const;

/** Guards calls to one upstream. Safe to share between requests; made by `BreakerRegistry.create`. */
export class CircuitBreaker implements BreakerView {
  readonly name: string;
  readonly service: string;
  readonly kind = 'pharos';
  readonly actions = BREAKER_ACTIONS;
  readonly settings: Readonly<Record<string, number>>;
  readonly #clock: Clock;
  readonly #observer: BreakerObserver;
  readonly #options: BreakerOptions;
  readonly #rules: BreakerRules;
  readonly #adaptive: AdaptiveThreshold | null;
  readonly #tally = new CallTally();
  #state: BreakerState;
  #lastChange: number | null = null;
  /**
   * While CLOSED, calls count here in place of stepping the machine, which would allocate: `#live` is ahead of `#state.counts`
   * then, and `#step` brings them together first. The next three say when that is so; a property test holds both ways equal.
   */
  #live: LiveCounts = liveCounts();
  #quick = false;
  /** Failures in a row that the machine has to be asked about: each one, where the host decides or the threshold adapts. */
  readonly #countsTo: number;
  #quickUntil = 0;
  #ticket = 0;

  constructor(name: string, options: BreakerOptions, clock: Clock, observer: BreakerObserver) {
    this.name = name;
    this.service = options.service ?? upstreamOf(name);
    this.#clock = clock;
    this.#observer = observer;
    this.#options = options;
    const failureThreshold = positive(name, 'failureThreshold', options.failureThreshold);
    this.#adaptive =
      options.adaptive === undefined || options.adaptive === false
        ? null
        : adaptiveThreshold(failureThreshold, options.adaptive === true ? {} : options.adaptive);
    const byCount = (counts: Counts): boolean => counts.consecutiveFailures >= failureThreshold;
    this.#countsTo = options.readyToTrip === undefined && this.#adaptive === null ? failureThreshold : 1;
    const readyToTrip = options.readyToTrip ?? this.#adaptive?.readyToTrip ?? byCount;
    this.#rules = {
      maxRequests: positive(name, 'maxRequests', options.maxRequests),
      intervalMs: notNegative(name, 'interval', options.interval),
      timeoutMs: notNegative(name, 'timeout', options.timeout),
      readyToTrip: (counts) => this.#ask('readyToTrip', () => readyToTrip(counts), byCount(counts)),
    };
    const { maxRequests, intervalMs, timeoutMs } = this.#rules;
    this.settings = { maxRequests, interval: intervalMs, timeout: timeoutMs, failureThreshold };
    this.#state = initialState(this.#rules, clock.monotonic());
    this.#entered();
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
  async execute<T>(call: () => T | Promise<T>, options: ExecuteOptions<T> = NO_OPTIONS): Promise<T> {
    const { signal, fallback } = options;
    // One try for both the call and the fallback: each further throw costs more than the rest of the breaker.
    let ticket = NO_TICKET;
    try {
      signal?.throwIfAborted();
      ticket = this.#admit();
      const value = await call();
      const admitted = ticket;
      ticket = NO_TICKET;
      this.#succeeded(admitted);
      return value;
    } catch (error) {
      if (ticket !== NO_TICKET) this.#failed(ticket, error, signal);
      if (fallback === undefined) throw error;
      return await fallback(error);
    }
  }

  /** Back to CLOSED with fresh counts, also out of a forced state. */
  reset(): void {
    this.#step({ type: 'reset' });
  }

  /** Held open, so that no call passes: for that many milliseconds, else until `release` or `reset`. */
  forceOpen(forMs: number | null = null): void {
    this.#step({ type: 'force_open', until: this.#until(forMs) });
  }

  /** Held closed, so that every call passes, whatever fails: for that many milliseconds, else until `release` or `reset`. */
  forceClosed(forMs: number | null = null): void {
    this.#step({ type: 'force_closed', until: this.#until(forMs) });
  }

  /** Ends a hold: what was held open tries the upstream with probes, what was held closed counts afresh. */
  release(): void {
    this.#step({ type: 'release' });
  }

  act(action: BreakerAction, forMs: number | null): void {
    if (action === 'reset') this.reset();
    else if (action === 'release') this.release();
    else if (action === 'force_open') this.forceOpen(forMs);
    else this.forceClosed(forMs);
  }

  calls(state: BreakerStateName, result: CallResult): number {
    return this.#tally.of(state, result);
  }

  changesInMs(): number | null {
    const at = changesAt(this.#state);
    return at === null ? null : Math.max(0, at - this.#clock.monotonic());
  }

  snapshot(): BreakerSnapshot {
    this.#step({ type: 'tick' });
    const state = this.#state;
    const until = forcedUntil(state);
    return {
      service: this.service,
      name: this.name,
      state: state.kind,
      counts: snapshotCounts(state.counts),
      last_change: isoTime(this.#lastChange),
      forced: isForced(state),
      forced_until: until === null ? null : isoTime(this.#clock.now() + until - this.#clock.monotonic()),
    };
  }

  /** Lets a call through and returns its ticket, or throws. A ticket is the generation and the state the call met. */
  #admit(): number {
    if (this.#quick && this.#clock.monotonic() < this.#quickUntil) {
      this.#live.requests++;
      return this.#ticket;
    }
    for (const effect of this.#step({ type: 'request' })) {
      if (effect.type === 'admitted') return this.#ticket;
      if (effect.type === 'rejected') {
        this.#tally.add(STATE_NAMES.indexOf(this.#state.kind), REJECTED);
        throw new CircuitOpenError(this.name, this.service, this.#state.kind, effect.retryAfterMs);
      }
    }
    throw new Error('unreachable: a request is admitted or rejected');
  }

  #succeeded(ticket: number): void {
    this.#tally.add(ticket % STATES, SUCCESS);
    if (ticket === this.#ticket && this.#quick && this.#clock.monotonic() < this.#quickUntil)
      countSuccess(this.#live);
    else this.#step({ type: 'success', generation: Math.floor(ticket / STATES) });
  }

  #failed(ticket: number, error: unknown, signal: AbortSignal | undefined): void {
    const generation = Math.floor(ticket / STATES);
    if (signal?.aborted === true) {
      this.#step({ type: 'ignored', generation });
      return;
    }
    const isSuccessful = this.#options.isSuccessful;
    const ok = isSuccessful !== undefined && this.#ask('isSuccessful', () => isSuccessful(error), false);
    this.#tally.add(ticket % STATES, ok ? SUCCESS : FAILURE);
    const trips = this.#live.consecutiveFailures + 1 >= this.#countsTo;
    if (!ok && !trips && ticket === this.#ticket && this.#quick && this.#clock.monotonic() < this.#quickUntil)
      countFailure(this.#live);
    else this.#step({ type: ok ? 'success' : 'failure', generation });
  }

  #step(input: BreakerInput): readonly BreakerEffect[] {
    if (this.#quick) this.#state = { ...this.#state, counts: liveCounts(this.#live) };
    const before = this.#state;
    const { state, effects } = step(before, input, this.#clock.monotonic(), this.#rules);
    this.#state = state;
    this.#entered();
    for (const effect of effects) this.#perform(effect);
    if (isForced(before) !== isForced(state) || forcedUntil(before) !== forcedUntil(state))
      this.#observer.held(this);
    return effects;
  }

  #entered(): void {
    const state = this.#state;
    this.#ticket = state.generation * STATES + STATE_NAMES.indexOf(state.kind);
    this.#quick = state.kind === 'CLOSED';
    if (state.kind !== 'CLOSED') return;
    this.#live = liveCounts(state.counts);
    this.#quickUntil = state.intervalEndsAt ?? state.forcedUntil ?? Number.POSITIVE_INFINITY;
  }

  #until(forMs: number | null): number | null {
    return forMs === null ? null : this.#clock.monotonic() + forMs;
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

import type { Clock, Timer } from '../clock.ts';
import { type BreakerStateName, type ChangeReason, type Counts, ZERO_COUNTS } from './machine.ts';
import {
  type BreakerAction,
  type BreakerKind,
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
  SUCCESS,
  snapshotCounts,
} from './view.ts';

/** What an adapter can do with the other library's breaker, and the events it turns into calls of {@link WatchedBreaker}. */
export interface ForeignBreaker {
  readonly kind: BreakerKind;
  readonly settings: Readonly<Record<string, number>>;
  readonly actions: readonly BreakerAction[];
  state(): BreakerStateName;
  /** Brings the breaker into the state and keeps it there, until `release`. */
  hold(state: 'OPEN' | 'CLOSED'): void;
  release(): void;
  reset(): void;
  /** Takes every listener off. */
  stop(): void;
}

/** A breaker of another library as Pharos shows and commands it. The library keeps deciding; this one only looks on. */
export class WatchedBreaker implements BreakerView {
  readonly name: string;
  readonly service: string;
  readonly #clock: Clock;
  readonly #observer: BreakerObserver;
  readonly #foreign: ForeignBreaker;
  readonly #tally = new CallTally();
  #counts: LiveCounts = liveCounts();
  #state: BreakerStateName;
  #lastChange: number | null = null;
  #hold: { readonly state: 'OPEN' | 'CLOSED'; readonly until: number | null } | null = null;
  #holdTimer: Timer | null = null;
  /** Why the next change happens, where a command makes it. */
  #reason: ChangeReason | null = null;

  constructor(
    names: { readonly name: string; readonly service: string },
    connect: (watched: WatchedBreaker) => ForeignBreaker,
    clock: Clock,
    observer: BreakerObserver,
  ) {
    this.name = names.name;
    this.service = names.service;
    this.#clock = clock;
    this.#observer = observer;
    this.#foreign = connect(this);
    this.#state = this.#foreign.state();
  }

  get kind(): BreakerKind {
    return this.#foreign.kind;
  }

  get settings(): Readonly<Record<string, number>> {
    return this.#foreign.settings;
  }

  get actions(): readonly BreakerAction[] {
    return this.#foreign.actions;
  }

  get state(): BreakerStateName {
    return this.#state;
  }

  get holds(): 'OPEN' | 'CLOSED' | null {
    return this.#hold?.state ?? null;
  }

  /** The library let a call start, or took it back because it was rejected. */
  started(): void {
    this.#counts.requests++;
  }

  succeeded(): void {
    this.#finished(SUCCESS);
    countSuccess(this.#counts);
  }

  failed(): void {
    this.#finished(FAILURE);
    countFailure(this.#counts);
  }

  rejected(): void {
    this.#counts.requests = Math.max(0, this.#counts.requests - 1);
    this.#tally.add(STATE_NAMES.indexOf(this.#state), REJECTED);
  }

  /** The library's breaker may be in another state now. */
  look(): void {
    const to = this.#foreign.state();
    const from = this.#state;
    if (to === from) return;
    const counts: Counts = { ...this.#counts };
    this.#state = to;
    this.#counts = liveCounts(ZERO_COUNTS);
    this.#lastChange = this.#clock.now();
    const reason = this.#reason ?? guessedReason(from, to);
    this.#observer.changed(this, { name: this.name, service: this.service, from, to, reason, counts });
  }

  calls(state: BreakerStateName, result: CallResult): number {
    return this.#tally.of(state, result);
  }

  changesInMs(): number | null {
    return null;
  }

  snapshot(): BreakerSnapshot {
    return {
      service: this.service,
      name: this.name,
      state: this.#state,
      counts: snapshotCounts(this.#counts),
      last_change: isoTime(this.#lastChange),
      forced: this.#hold !== null,
      forced_until: isoTime(this.#hold?.until ?? null),
    };
  }

  act(action: BreakerAction, forMs: number | null): void {
    if (!this.actions.includes(action)) return;
    if (action === 'force_open') this.#force('OPEN', forMs);
    else if (action === 'force_closed') this.#force('CLOSED', forMs);
    else if (action === 'release') this.#release('released');
    else {
      this.#release('reset');
      this.#because('reset', () => this.#foreign.reset());
    }
  }

  /** Nobody watches any more: the breaker is the library's alone again, without a hold of ours. */
  stop(): void {
    this.#release('released');
    this.#foreign.stop();
  }

  #finished(result: number): void {
    this.#tally.add(STATE_NAMES.indexOf(this.#state), result);
  }

  #force(state: 'OPEN' | 'CLOSED', forMs: number | null): void {
    this.#holdTimer?.cancel();
    if (this.#hold !== null && this.#hold.state !== state)
      this.#because('forced', () => this.#foreign.release());
    this.#hold = { state, until: forMs === null ? null : this.#clock.now() + forMs };
    this.#because('forced', () => this.#foreign.hold(state));
    this.#holdTimer = forMs === null ? null : this.#clock.after(forMs, () => this.#release('force_expired'));
    this.#observer.held(this);
  }

  #release(reason: 'released' | 'force_expired' | 'reset'): void {
    if (this.#hold === null) return;
    this.#holdTimer?.cancel();
    this.#hold = null;
    this.#because(reason, () => this.#foreign.release());
    this.#observer.held(this);
  }

  #because(reason: ChangeReason, change: () => void): void {
    this.#reason = reason;
    try {
      change();
      this.look();
    } finally {
      this.#reason = null;
    }
  }
}

/** The libraries do not say why; where the states lead from and to says it. */
function guessedReason(from: BreakerStateName, to: BreakerStateName): ChangeReason {
  if (to === 'HALF_OPEN') return 'timeout_passed';
  if (to === 'OPEN') return from === 'HALF_OPEN' ? 'probe_failed' : 'tripped';
  return from === 'HALF_OPEN' ? 'probes_succeeded' : 'reset';
}

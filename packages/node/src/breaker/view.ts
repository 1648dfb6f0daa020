import { type BreakerStateName, type ChangeReason, type Counts, ZERO_COUNTS } from './machine.ts';

/** What can be asked of a breaker from outside its calls. */
export const BREAKER_ACTIONS = ['reset', 'force_open', 'force_closed', 'release'] as const;
export type BreakerAction = (typeof BREAKER_ACTIONS)[number];

/** Whose breaker it is: ours, or one of another library that is only watched. */
export type BreakerKind = 'pharos' | 'opossum' | 'cockatiel';

export const CALL_RESULTS = ['success', 'failure', 'rejected'] as const;
export type CallResult = (typeof CALL_RESULTS)[number];
export const STATE_NAMES = ['CLOSED', 'HALF_OPEN', 'OPEN'] as const satisfies readonly BreakerStateName[];

export interface SnapshotCounts {
  readonly requests: number;
  readonly total_successes: number;
  readonly total_failures: number;
  readonly consecutive_successes: number;
  readonly consecutive_failures: number;
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
  /** Held in its state by command. */
  readonly forced: boolean;
  /** ISO 8601; when the hold ends by itself. Null without a hold, and for one that lasts until it is released. */
  readonly forced_until: string | null;
}

export interface StateChange {
  readonly name: string;
  readonly service: string;
  readonly from: BreakerStateName;
  readonly to: BreakerStateName;
  readonly reason: ChangeReason;
  /** What the generation that ended had seen. */
  readonly counts: Counts;
}

/** A breaker as its registry sees it, whichever library made it. */
export interface BreakerView {
  readonly name: string;
  /** The protected upstream. */
  readonly service: string;
  readonly kind: BreakerKind;
  /** What it is set to, by option name; for people to read. */
  readonly settings: Readonly<Record<string, number>>;
  readonly actions: readonly BreakerAction[];
  readonly state: BreakerStateName;
  snapshot(): BreakerSnapshot;
  /** Calls so far by the state they met and their result. */
  calls(state: BreakerStateName, result: CallResult): number;
  /** Milliseconds until time alone changes its state; null when it does not. */
  changesInMs(): number | null;
  /** `forMs` null: until `release` or `reset`. An action that is not among `actions` does nothing. */
  act(action: BreakerAction, forMs: number | null): void;
}

/** What a breaker tells its registry; the registry turns it into metrics, logs and reports. */
export interface BreakerObserver {
  changed(breaker: BreakerView, change: StateChange): void;
  /** A hold began, ended or got another end. */
  held(breaker: BreakerView): void;
  /** A callback of the host threw; the breaker went on without it. */
  callbackFailed(breaker: BreakerView, callback: string, error: unknown): void;
}

/** Calls by state and result, as plain numbers: counting one must cost nothing. */
export class CallTally {
  readonly #counts = [0, 0, 0, 0, 0, 0, 0, 0, 0];

  /** `state` as its index in STATE_NAMES, `result` as its index in CALL_RESULTS. */
  add(state: number, result: number): void {
    this.#counts[state * 3 + result]++;
  }

  of(state: BreakerStateName, result: CallResult): number {
    return this.#counts[STATE_NAMES.indexOf(state) * 3 + CALL_RESULTS.indexOf(result)] ?? 0;
  }
}

export const [SUCCESS, FAILURE, REJECTED] = [0, 1, 2] as const;

/** Counts that are written in place. */
export interface LiveCounts {
  requests: number;
  totalSuccesses: number;
  totalFailures: number;
  consecutiveSuccesses: number;
  consecutiveFailures: number;
}

export function liveCounts(counts: Counts = ZERO_COUNTS): LiveCounts {
  return {
    requests: counts.requests,
    totalSuccesses: counts.totalSuccesses,
    totalFailures: counts.totalFailures,
    consecutiveSuccesses: counts.consecutiveSuccesses,
    consecutiveFailures: counts.consecutiveFailures,
  };
}

export function countSuccess(counts: LiveCounts): void {
  counts.totalSuccesses++;
  counts.consecutiveSuccesses++;
  counts.consecutiveFailures = 0;
}

export function countFailure(counts: LiveCounts): void {
  counts.totalFailures++;
  counts.consecutiveFailures++;
  counts.consecutiveSuccesses = 0;
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

/** The protected upstream where nobody names it: the breaker's name without `-client`. */
export function upstreamOf(name: string): string {
  return name.replace(/-client$/, '');
}

export function isoTime(ms: number | null): string | null {
  return ms === null || !Number.isFinite(ms) || Math.abs(ms) > 8.64e15 ? null : new Date(ms).toISOString();
}

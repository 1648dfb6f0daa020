import { z } from 'zod';

export const STATES = ['CLOSED', 'HALF_OPEN', 'OPEN'] as const;
export type State = (typeof STATES)[number];
export const ACTIONS = ['reset', 'force_open', 'force_closed', 'release'] as const;
export type Action = (typeof ACTIONS)[number];

export const state = z.enum(STATES);
export const action = z.enum(ACTIONS);

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const counts = z.object({
  requests: count,
  total_successes: count,
  total_failures: count,
  consecutive_successes: count,
  consecutive_failures: count,
});
export type Counts = z.output<typeof counts>;

export const ZERO_COUNTS: Counts = {
  requests: 0,
  total_successes: 0,
  total_failures: 0,
  consecutive_successes: 0,
  consecutive_failures: 0,
};

const SEVERITY: Readonly<Record<State, number>> = { CLOSED: 0, HALF_OPEN: 1, OPEN: 2 };

/** Worst first: open before half-open before closed, then by failures in a row. */
export function byBadness(
  a: { readonly state: State; readonly counts: Counts },
  b: { readonly state: State; readonly counts: Counts },
): number {
  return (
    SEVERITY[b.state] - SEVERITY[a.state] || b.counts.consecutive_failures - a.counts.consecutive_failures
  );
}

/** One change of state of one instance's breaker. Times in epoch ms. */
export interface Transition {
  readonly tenant: string;
  /** Owner of the breaker, by its canonical name. */
  readonly service: string;
  readonly name: string;
  readonly instance: string;
  /** The protected upstream. */
  readonly upstream: string;
  readonly at: number;
  readonly from: State;
  readonly to: State;
  readonly reason: string;
  /** What the state that ended had seen. */
  readonly counts: Counts;
}

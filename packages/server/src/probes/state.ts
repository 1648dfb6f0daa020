/** How a probe's target is, in the four words that stand everywhere. */
export type ProbeStatus = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';

export interface ProbeState {
  readonly status: ProbeStatus;
  /** Epoch ms of the last change of status. */
  readonly since: number;
  /** Why it is not healthy; empty when it is, or when nothing is known. */
  readonly reason: string;
  /** Failed looks in a row; while there are not enough to call it unhealthy, the status stays what it was. */
  readonly failures: number;
  /** Good looks in a row since the last failed one. */
  readonly successes: number;
}

export interface StateRules {
  /** Failed looks after the first one before a target is called unhealthy. */
  readonly retries: number;
  /** Good looks in a row before an unhealthy target is called well again. */
  readonly recoveries: number;
}

export type StateInput =
  | {
      readonly kind: 'look';
      readonly success: boolean;
      readonly reason: string;
      readonly warning: string | null;
    }
  /** Nobody looks any more, or what is looked at has changed: nothing is known. */
  | { readonly kind: 'reset' };

export type StateEffect =
  | {
      readonly kind: 'changed';
      readonly from: ProbeStatus;
      readonly to: ProbeStatus;
      readonly at: number;
      readonly reason: string;
    }
  /** Look again before the interval is over. */
  | { readonly kind: 'retry' };

export const UNKNOWN: ProbeState = { status: 'unknown', since: 0, reason: '', failures: 0, successes: 0 };

/**
 * What a look makes of what is known.
 *
 *     look      | unknown, healthy, degraded        | unhealthy
 *     failed    | retry, then unhealthy             | stays
 *     good      | healthy, with a warning degraded  | the same, after enough good looks
 */
export function advance(
  state: ProbeState,
  input: StateInput,
  rules: StateRules,
  now: number,
): { readonly state: ProbeState; readonly effects: readonly StateEffect[] } {
  if (input.kind === 'reset') return changed(state, { ...UNKNOWN, since: now }, now);
  if (!input.success) {
    const failures = state.failures + 1;
    const counted = { ...state, failures, successes: 0 };
    if (failures <= rules.retries && state.status !== 'unhealthy')
      return { state: counted, effects: [{ kind: 'retry' }] };
    return changed(state, { ...counted, status: 'unhealthy', reason: input.reason }, now);
  }
  const counted = { ...state, failures: 0, successes: state.successes + 1 };
  if (state.status === 'unhealthy' && counted.successes < rules.recoveries)
    return { state: counted, effects: [{ kind: 'retry' }] };
  const status = input.warning === null ? 'healthy' : 'degraded';
  return changed(state, { ...counted, status, reason: input.warning ?? '' }, now);
}

function changed(
  before: ProbeState,
  after: ProbeState,
  now: number,
): { readonly state: ProbeState; readonly effects: readonly StateEffect[] } {
  if (before.status === after.status) return { state: { ...after, since: before.since }, effects: [] };
  return {
    state: { ...after, since: now },
    effects: [{ kind: 'changed', from: before.status, to: after.status, at: now, reason: after.reason }],
  };
}

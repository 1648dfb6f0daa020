/*
 * The life of the engine process, as the server sees it. Pure; supervisor.ts does the effects.
 *
 *            start                 opened                    stop
 *   idle ────────────▶ opening ────────────▶ open ─────────────────────▶ stopping ──exited──▶ idle
 *                        ▲  │ exited           │ exited, or silent: killed, then exited
 *                  retry │  ▼ (after an open)  ▼
 *                        waiting ◀─────────────┘
 *
 * Before it was open once, an exit ends the start with the failure instead of a retry.
 */

export type Supervision =
  | { readonly phase: 'idle' }
  | { readonly phase: 'opening'; readonly since: number; readonly attempt: number; readonly opened: boolean }
  | {
      readonly phase: 'open';
      readonly since: number;
      readonly attempt: number;
      readonly beatAt: number;
      readonly tickAt: number;
    }
  | { readonly phase: 'waiting'; readonly attempt: number }
  | { readonly phase: 'stopping' };

export type SupervisionInput =
  | { readonly type: 'start' }
  | { readonly type: 'opened' }
  | { readonly type: 'beat' }
  | { readonly type: 'exited' }
  | { readonly type: 'retry' }
  | { readonly type: 'tick' }
  | { readonly type: 'stop' };

export type SupervisionEffect =
  | { readonly type: 'spawn' }
  /** SIGKILL: a process whose fatal-signal handler sleeps hears nothing else. */
  | { readonly type: 'kill'; readonly reason: string }
  | { readonly type: 'close' }
  | { readonly type: 'retryIn'; readonly ms: number }
  /** Whatever was in flight will never be answered. */
  | { readonly type: 'drop' }
  | { readonly type: 'giveUp' }
  | { readonly type: 'announce'; readonly state: 'starting' | 'ready' | 'down' | 'stopped' };

export interface SupervisionStep {
  readonly state: Supervision;
  readonly effects: readonly SupervisionEffect[];
}

export const TICK_MS = 1000;
/** Longer without a beat than any statement blocks the loop; a fatal signal makes the process sleep up to 300 s. */
export const SILENT_MS = 6_000;
/** Opening is synchronous and takes about 0.7 s per thousand cold parts. */
export const OPENING_MS = 120_000;
/** An engine that lived this long starts with a clean record. */
const STABLE_MS = 60_000;
/** Restarts in a row without delay: kills from outside come in runs, and each second without an engine is seen. */
const FREE_RESTARTS = 10;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 10_000;

/** The first restarts are at once, later ones double from 100 ms up to 10 s. */
export function restartDelay(attempt: number): number {
  if (attempt < FREE_RESTARTS) return 0;
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - FREE_RESTARTS));
}

export function supervise(state: Supervision, input: SupervisionInput, now: number): SupervisionStep {
  if (input.type === 'stop') return stop(state);
  switch (state.phase) {
    case 'idle':
      return input.type === 'start' ? spawn(0, false, now, ['starting']) : same(state);
    case 'opening':
      return whileOpening(state, input, now);
    case 'open':
      return whileOpen(state, input, now);
    case 'waiting':
      return input.type === 'retry' ? spawn(state.attempt, true, now, []) : same(state);
    case 'stopping':
      return input.type === 'exited'
        ? { state: { phase: 'idle' }, effects: [{ type: 'drop' }, { type: 'announce', state: 'stopped' }] }
        : same(state);
  }
}

const same = (state: Supervision): SupervisionStep => ({ state, effects: [] });

function spawn(
  attempt: number,
  opened: boolean,
  now: number,
  announce: readonly 'starting'[],
): SupervisionStep {
  return {
    state: { phase: 'opening', since: now, attempt, opened },
    effects: [...announce.map((state) => ({ type: 'announce' as const, state })), { type: 'spawn' }],
  };
}

function stop(state: Supervision): SupervisionStep {
  if (state.phase === 'idle' || state.phase === 'stopping') return same(state);
  if (state.phase === 'waiting')
    return { state: { phase: 'idle' }, effects: [{ type: 'announce', state: 'stopped' }] };
  return { state: { phase: 'stopping' }, effects: [{ type: 'close' }] };
}

function whileOpening(
  state: Extract<Supervision, { phase: 'opening' }>,
  input: SupervisionInput,
  now: number,
): SupervisionStep {
  if (input.type === 'opened')
    return {
      state: { phase: 'open', since: now, attempt: state.attempt, beatAt: now, tickAt: now },
      effects: [{ type: 'announce', state: 'ready' }],
    };
  if (input.type === 'tick' && now - state.since > OPENING_MS)
    return { state, effects: [{ type: 'kill', reason: `it did not open within ${OPENING_MS / 1_000} s` }] };
  if (input.type !== 'exited') return same(state);
  if (!state.opened)
    return {
      state: { phase: 'idle' },
      effects: [{ type: 'drop' }, { type: 'giveUp' }, { type: 'announce', state: 'stopped' }],
    };
  return wait(state.attempt);
}

function whileOpen(
  state: Extract<Supervision, { phase: 'open' }>,
  input: SupervisionInput,
  now: number,
): SupervisionStep {
  if (input.type === 'beat') return same({ ...state, beatAt: now });
  if (input.type === 'exited') return wait(now - state.since >= STABLE_MS ? 0 : state.attempt);
  if (input.type !== 'tick') return same(state);
  // A tick that comes late itself means that this process slept: the beats are in the socket still.
  if (now - state.tickAt > 4 * TICK_MS) return same({ ...state, beatAt: now, tickAt: now });
  if (now - state.beatAt <= SILENT_MS) return same({ ...state, tickAt: now });
  return {
    state: { ...state, beatAt: now, tickAt: now },
    effects: [{ type: 'kill', reason: `it was silent for ${SILENT_MS / 1_000} s` }],
  };
}

function wait(attempt: number): SupervisionStep {
  return {
    state: { phase: 'waiting', attempt: attempt + 1 },
    effects: [
      { type: 'drop' },
      { type: 'announce', state: 'down' },
      { type: 'retryIn', ms: restartDelay(attempt) },
    ],
  };
}

/**
 * The live connection as a pure state machine. One tab per browser, the leader, holds the event stream and hands every event to the
 * others over a channel, because six streams would use up HTTP/1.1's connections to this server.
 *
 *   start ──hello──> electing ──(no answer for ELECTION_MS)──> leading: connecting ──opened──> live
 *                       │                                          ▲          │ failed
 *                       └──(a leader answers)──> following         └─retrying─┘──(POLL_AFTER failures)──> polling (keeps retrying)
 *                                                   │ silent for LEADER_SILENT_MS, or it resigned
 *                                                   └──> electing
 */

export const ELECTION_MS = 300;
/** The server sends a summary every 5 s, so a leader that is silent for longer has died or lost its stream. */
export const LEADER_SILENT_MS = 12_000;
const STREAM_SILENT_MS = 20_000;
const POLL_AFTER = 3;
const RETRY_MS = [1000, 2000, 4000, 8000, 15_000] as const;

export type Connection = 'connecting' | 'live' | 'retrying' | 'polling';

type Phase =
  | { readonly role: 'electing'; readonly until: number }
  | { readonly role: 'following'; readonly heardAt: number }
  | {
      readonly role: 'leading';
      readonly failures: number;
      readonly retryAt: number | null;
      readonly heardAt: number;
    };

export interface LiveState {
  readonly id: string;
  readonly phase: Phase;
  readonly connection: Connection;
  /** When the last event came, from the stream or through another tab. */
  readonly lastEventAt: number | null;
}

/** What the stream tells of, by the names of its events. */
export const EVENT_NAMES = ['health', 'summary', 'alerts', 'annotation', 'breakers', 'error_group'] as const;

export interface StreamEvent {
  readonly name: (typeof EVENT_NAMES)[number];
  readonly data: string;
}

/** What tabs tell each other. */
type TabMessage =
  | { readonly type: 'hello'; readonly from: string }
  | { readonly type: 'leader'; readonly from: string; readonly connection: Connection }
  | { readonly type: 'resigned'; readonly from: string }
  | { readonly type: 'event'; readonly from: string; readonly event: StreamEvent };

export type LiveInput =
  | { readonly type: 'start' }
  | { readonly type: 'tick' }
  | { readonly type: 'opened' }
  | { readonly type: 'failed' }
  | { readonly type: 'event'; readonly event: StreamEvent }
  | { readonly type: 'tab'; readonly message: TabMessage }
  | { readonly type: 'retry now' }
  | { readonly type: 'stop' };

export type LiveEffect =
  | { readonly type: 'open stream' }
  | { readonly type: 'close stream' }
  | { readonly type: 'tell tabs'; readonly message: TabMessage }
  | { readonly type: 'deliver'; readonly event: StreamEvent };

export interface LiveStep {
  readonly state: LiveState;
  readonly effects: readonly LiveEffect[];
}

export function initialLiveState(id: string): LiveState {
  return { id, phase: { role: 'electing', until: 0 }, connection: 'connecting', lastEventAt: null };
}

function announce(state: LiveState): LiveEffect {
  return { type: 'tell tabs', message: { type: 'leader', from: state.id, connection: state.connection } };
}

function elect(state: LiveState, now: number): LiveStep {
  return {
    state: { ...state, phase: { role: 'electing', until: now + ELECTION_MS } },
    effects: [{ type: 'tell tabs', message: { type: 'hello', from: state.id } }],
  };
}

function lead(state: LiveState, now: number): LiveStep {
  const leading: LiveState = {
    ...state,
    connection: state.connection === 'live' ? 'connecting' : state.connection,
    phase: { role: 'leading', failures: 0, retryAt: null, heardAt: now },
  };
  return { state: leading, effects: [{ type: 'open stream' }, announce(leading)] };
}

function opened(state: LiveState, now: number): LiveStep {
  if (state.phase.role !== 'leading') return { state, effects: [] };
  const live: LiveState = {
    ...state,
    connection: 'live',
    phase: { ...state.phase, failures: 0, retryAt: null, heardAt: now },
  };
  return { state: live, effects: [announce(live)] };
}

function failed(state: LiveState, now: number): LiveStep {
  if (state.phase.role !== 'leading') return { state, effects: [] };
  const failures = state.phase.failures + 1;
  const delay = RETRY_MS[Math.min(failures, RETRY_MS.length) - 1] ?? 15_000;
  const next: LiveState = {
    ...state,
    connection: failures >= POLL_AFTER ? 'polling' : 'retrying',
    phase: { role: 'leading', failures, retryAt: now + delay, heardAt: now },
  };
  return { state: next, effects: [{ type: 'close stream' }, announce(next)] };
}

function reopen(state: LiveState): LiveStep {
  if (state.phase.role !== 'leading' || state.phase.retryAt === null) return { state, effects: [] };
  return {
    state: { ...state, phase: { ...state.phase, retryAt: null } },
    effects: [{ type: 'close stream' }, { type: 'open stream' }],
  };
}

function tick(state: LiveState, now: number): LiveStep {
  const { phase } = state;
  switch (phase.role) {
    case 'electing':
      return now >= phase.until ? lead(state, now) : { state, effects: [] };
    case 'following':
      return now - phase.heardAt > LEADER_SILENT_MS ? elect(state, now) : { state, effects: [] };
    case 'leading':
      if (phase.retryAt !== null) return now >= phase.retryAt ? reopen(state) : { state, effects: [] };
      return now - phase.heardAt > STREAM_SILENT_MS
        ? failed(state, now)
        : { state, effects: [announce(state)] };
  }
}

function follow(state: LiveState, now: number, connection: Connection): LiveStep {
  const effects: LiveEffect[] = state.phase.role === 'leading' ? [{ type: 'close stream' }] : [];
  return { state: { ...state, connection, phase: { role: 'following', heardAt: now } }, effects };
}

function heardTab(state: LiveState, message: TabMessage, now: number): LiveStep {
  if (message.from === state.id) return { state, effects: [] };
  switch (message.type) {
    case 'hello':
      if (state.phase.role === 'leading') return { state, effects: [announce(state)] };
      // Two tabs that start together: the smaller id goes first, the other waits for its answer.
      if (state.phase.role === 'electing' && message.from < state.id) {
        return {
          state: { ...state, phase: { role: 'electing', until: now + 2 * ELECTION_MS } },
          effects: [],
        };
      }
      return { state, effects: [] };
    case 'leader':
      // Two leaders (a sleeping tab woke up): the smaller id stays.
      if (state.phase.role === 'leading' && state.id < message.from)
        return { state, effects: [announce(state)] };
      return follow(state, now, message.connection);
    case 'resigned':
      return state.phase.role === 'following' ? elect(state, now) : { state, effects: [] };
    case 'event':
      if (state.phase.role === 'leading') return { state, effects: [] };
      return {
        state: {
          ...state,
          connection: 'live',
          lastEventAt: now,
          phase: { role: 'following', heardAt: now },
        },
        effects: [{ type: 'deliver', event: message.event }],
      };
  }
}

function received(state: LiveState, event: StreamEvent, now: number): LiveStep {
  if (state.phase.role !== 'leading') return { state, effects: [] };
  return {
    state: {
      ...state,
      connection: 'live',
      lastEventAt: now,
      phase: { ...state.phase, failures: 0, retryAt: null, heardAt: now },
    },
    effects: [
      { type: 'deliver', event },
      { type: 'tell tabs', message: { type: 'event', from: state.id, event } },
    ],
  };
}

/** One step: what came in, and when, gives the next state and what to do about it. */
export function liveStep(state: LiveState, input: LiveInput, now: number): LiveStep {
  switch (input.type) {
    case 'start':
      return elect(state, now);
    case 'tick':
      return tick(state, now);
    case 'opened':
      return opened(state, now);
    case 'failed':
      return failed(state, now);
    case 'event':
      return received(state, input.event, now);
    case 'tab':
      return heardTab(state, input.message, now);
    case 'retry now':
      return reopen(state);
    case 'stop':
      return state.phase.role === 'leading'
        ? {
            // No leader any more, so that it answers no hello that its goodbye provokes.
            state: { ...state, phase: { role: 'following', heardAt: now } },
            effects: [
              { type: 'close stream' },
              { type: 'tell tabs', message: { type: 'resigned', from: state.id } },
            ],
          }
        : { state, effects: [] };
  }
}

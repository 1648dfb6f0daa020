import { jitter, type Random } from '../../kernel/random.ts';
import type { Decision, Outcome } from '../decisions/decision.ts';
import { alertTitle } from '../labels/alert-title.ts';
import { type LogEntry, type LogKey, logEntryOf, type NoticeReason } from '../pipeline/notification-log.ts';
import { type DeliveryParcel, logKeyOf } from '../pipeline/parcel.ts';
import type { FlushedAlert } from '../received/alert.ts';
import type { SendResult } from './send-result.ts';

/**
 * A notification between its decision and its delivery. One per group and integration: news of a group takes the place of what was not
 * sent yet. All of it is durable (stored.ts).
 */
export interface OutboxItem extends LogKey {
  /** The same through all attempts, so that a receiver can tell a repeat; never used again. */
  readonly id: string;
  readonly route: string;
  readonly groupLabels: FlushedAlert['labels'];
  readonly alerts: readonly FlushedAlert[];
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  readonly reason: NoticeReason;
  readonly repeatIntervalMs: number;
  /** Epoch ms: when it was decided, or what it took the place of untried. */
  readonly plannedAt: number;
  /** Epoch ms: an attempt that fails is not followed by one after this; the group's next flush tells what is true then. */
  readonly deadline: number;
  readonly attempts: number;
  readonly phase: OutboxPhase;
  /** An attempt's end is not known: what is sent now may come twice. */
  readonly mayBeDuplicate: boolean;
  /** Of several it is for, those whom the next attempt leaves out; absent for none. */
  readonly done?: readonly string[] | undefined;
}

type OutboxPhase =
  /** Epoch ms of the earliest next attempt. */
  | { readonly kind: 'waiting'; readonly notBefore: number }
  /** An attempt is under way, or was when Pharos ended. */
  | { readonly kind: 'sending'; readonly since: number };

export type OutboxInput =
  /** Its turn has come. */
  | { readonly kind: 'turn' }
  | ({ readonly kind: 'delivered' } & Omit<Extract<SendResult, { readonly ok: true }>, 'ok'>)
  | {
      readonly kind: 'refused';
      readonly reason: string;
      /** False when another attempt would end the same. */
      readonly isRetryable: boolean;
      /** Whether it may have taken it all the same, as when its answer did not come in time. */
      readonly isUncertain: boolean;
      /** What the receiver asked for; null when it asked for nothing. */
      readonly retryAfterMs: number | null;
      readonly done?: readonly string[];
    }
  /** Pharos starts. */
  | { readonly kind: 'recover' };

export interface OutboxStep {
  /** Null: it is over, and goes. */
  readonly item: OutboxItem | null;
  /** What the integration now knows; null when that did not change. */
  readonly log: LogEntry | null;
  readonly decisions: readonly Decision[];
  readonly effects: readonly OutboxEffect[];
  /** It was given up, and the integration may know of it all the same: the next notification of the group is marked. */
  readonly doubt?: Doubt;
}

/** That an integration may have taken what was given up. */
export interface Doubt extends LogKey {
  readonly expiresAt: number;
}

export type OutboxEffect =
  /** Do it now: only after the step is durable. */
  | { readonly kind: 'send'; readonly id: string }
  /** Flushes that it came from need not wait for it any more. */
  | { readonly kind: 'settled'; readonly id: string; readonly ok: boolean };

export interface PlanOptions {
  /** One that was never used. */
  readonly id: string;
  readonly timeoutMs: number;
  readonly now: number;
  /** What waits for the same group and integration; it goes in the same step, so that no kill can part the two. Never one that is sending. */
  readonly replaces: OutboxItem | null;
  /** Whether the integration may know of what was given up before. */
  readonly isInDoubt?: boolean;
}

/** A new item, or only the log's news where nobody is to be told. */
export function planned(parcel: DeliveryParcel, options: PlanOptions): OutboxStep {
  const { group, at, alerts, firing, resolved } = parcel;
  const { repeatIntervalMs } = group.route.options;
  const key = logKeyOf(parcel);
  const { replaces } = options;
  const gone = replaces === null ? [] : decided(replaces, options.now, 'superseded', 'the group has news');
  if (alerts.length === 0) {
    const log = logEntryOf(key, { firing, resolved }, options.now, repeatIntervalMs);
    return { item: null, log, decisions: gone, effects: settledBy(replaces, options.id, true) };
  }
  const same = replaces !== null && tellsTheSame(replaces, parcel) ? replaces : null;
  const item: OutboxItem = {
    ...key,
    // Whoever may have had the same already can tell by its id.
    id: same?.id ?? options.id,
    ...(same?.done !== undefined && { done: same.done }),
    route: group.route.id,
    groupLabels: group.labels,
    alerts,
    firing,
    resolved,
    reason: parcel.reason ?? 'first',
    repeatIntervalMs,
    // Else whoever has news all the time would never have its turn at a receiver that hangs.
    plannedAt: replaces?.attempts === 0 ? Math.min(replaces.plannedAt, options.now) : options.now,
    deadline: options.now + options.timeoutMs,
    attempts: 0,
    phase: { kind: 'waiting', notBefore: at },
    mayBeDuplicate: options.isInDoubt === true || replaces?.mayBeDuplicate === true,
  };
  const queued = decided(item, options.now, 'queued', `to be told: ${WHY[item.reason]}`);
  const effects = replaces === null || replaces.id === item.id ? [] : [settled(replaces.id, false)];
  return { item, log: null, decisions: [...gone, ...queued], effects };
}

function settled(id: string, ok: boolean): OutboxEffect {
  return { kind: 'settled', id, ok };
}

function settledBy(replaced: OutboxItem | null, id: string, ok: boolean): readonly OutboxEffect[] {
  return replaced === null ? [settled(id, ok)] : [settled(replaced.id, false), settled(id, ok)];
}

function tellsTheSame(
  a: Pick<OutboxItem, 'firing' | 'resolved'>,
  b: Pick<OutboxItem, 'firing' | 'resolved'>,
): boolean {
  return a.firing.join() === b.firing.join() && a.resolved.join() === b.resolved.join();
}

const WHY: Readonly<Record<NoticeReason, string>> = {
  first: 'the receiver has not heard of the group',
  new_firing: 'alerts fire that the receiver does not know of',
  all_resolved: 'all alerts of the group ended',
  new_resolved: 'alerts ended',
  repeat: 'the repeat interval is over',
  paged: 'the escalation policy says so',
};

/**
 * What an input makes of an item. Decisions are made durable first, then item and log together, then the effects happen; a kill
 *
 *     before the decisions       nothing happened: the alerts are stored, their group flushes again and decides the same
 *     between the two            the same; `queued` stands twice in the history
 *     before `send`              the item is `sending`: it is sent after the start, marked, though it never was
 *     during the attempt         the same; it comes twice if the receiver took it before
 *     before its end is durable  the same; it comes twice
 *     after that                 nothing: the log says that the integration knows
 *
 * One attempt at a time per integration (lanes.ts) makes that one possible repeat per kill and integration.
 */
export function advanceItem(item: OutboxItem, input: OutboxInput, now: number, random: Random): OutboxStep {
  switch (input.kind) {
    case 'turn':
      return turn(item, now);
    case 'delivered':
      return delivered(item, input, now);
    case 'refused':
      return refused(item, input, now, random);
    case 'recover':
      return recovered(item, now);
  }
}

function delivered(
  item: OutboxItem,
  { memo, notes = [] }: Omit<Extract<OutboxInput, { kind: 'delivered' }>, 'kind'>,
  now: number,
): OutboxStep {
  const { firing, resolved } = item;
  const told = { firing, resolved, ...(memo !== undefined && { memo }) };
  const log = logEntryOf(item, told, now, item.repeatIntervalMs);
  const how = [`told after ${times(item.attempts)}: ${WHY[item.reason]}`, ...notes].join('; ');
  const decisions = decided(item, now, 'sent', how);
  return { item: null, log, decisions, effects: [settled(item.id, true)] };
}

/** One that was never tried is tried once, however late it is. */
function turn(item: OutboxItem, now: number): OutboxStep {
  if (item.attempts > 0 && now >= item.deadline && !item.mayBeDuplicate)
    return givenUp(
      item,
      now,
      'abandoned',
      `given up after ${times(item.attempts)}: the group's next flush is due`,
    );
  const sending: OutboxItem = {
    ...item,
    attempts: item.attempts + 1,
    phase: { kind: 'sending', since: now },
  };
  return { item: sending, log: null, decisions: [], effects: [{ kind: 'send', id: item.id }] };
}

function refused(
  item: OutboxItem,
  { reason, isRetryable, isUncertain, retryAfterMs, done = [] }: Extract<OutboxInput, { kind: 'refused' }>,
  now: number,
  random: Random,
): OutboxStep {
  // What was uncertain once stays so: a later refusal says nothing of an earlier attempt.
  const mayBeDuplicate = item.mayBeDuplicate || isUncertain;
  const all = [...new Set([...(item.done ?? []), ...done])];
  const tried: OutboxItem = { ...item, mayBeDuplicate, ...(all.length > 0 && { done: all }) };
  if (!isRetryable)
    return givenUp(tried, now, 'failed', `refused for good after ${times(item.attempts)}: ${reason}`);
  const next = now + Math.max(retryAfterMs ?? 0, backoffMs(item.attempts, random));
  if (next >= item.deadline)
    return givenUp(tried, now, 'abandoned', `given up after ${times(item.attempts)}: ${reason}`);
  const waiting: OutboxItem = { ...tried, phase: { kind: 'waiting', notBefore: next } };
  const decisions = decided(
    tried,
    now,
    'retrying',
    `${reason}; next attempt in ${Math.ceil((next - now) / 1000)} s`,
  );
  return { item: waiting, log: null, decisions, effects: [] };
}

function recovered(item: OutboxItem, now: number): OutboxStep {
  if (item.phase.kind === 'waiting') return { item, log: null, decisions: [], effects: [] };
  const waiting: OutboxItem = { ...item, phase: { kind: 'waiting', notBefore: now }, mayBeDuplicate: true };
  const decisions = decided(waiting, now, 'uncertain', 'Pharos ended while it was sent: it may come twice');
  return { item: waiting, log: null, decisions, effects: [] };
}

/** Where some have it, that is that: to tell all of them again for the others' sake would be no better. */
function givenUp(item: OutboxItem, now: number, outcome: Outcome, reason: string): OutboxStep {
  return item.done === undefined || item.done.length === 0
    ? over(item, now, outcome, reason)
    : delivered(item, { notes: [`not all of them: ${reason}`] }, now);
}

function over(item: OutboxItem, now: number, outcome: Outcome, reason: string): OutboxStep {
  return {
    item: null,
    log: null,
    decisions: decided(item, now, outcome, reason),
    effects: [settled(item.id, false)],
    ...(item.mayBeDuplicate && { doubt: doubtOf(item, now) }),
  };
}

/** Kept as long as an entry of the log would be. */
function doubtOf(item: OutboxItem, now: number): Doubt {
  const { group, receiver, integration, expiresAt } = logEntryOf(item, item, now, item.repeatIntervalMs);
  return { group, receiver, integration, expiresAt };
}

function decided(item: OutboxItem, at: number, outcome: Outcome, reason: string): readonly Decision[] {
  const { route, group, receiver, integration, id, attempts, mayBeDuplicate } = item;
  return item.alerts.map(({ fingerprint, labels }) => ({
    at,
    outcome,
    fingerprint,
    route,
    group,
    receiver,
    integration,
    reason,
    by: [id],
    title: alertTitle(labels),
    ...(attempts > 0 && { attempts }),
    ...(mayBeDuplicate && { mayBeDuplicate }),
  }));
}

function times(attempts: number): string {
  return attempts === 1 ? '1 attempt' : `${attempts} attempts`;
}

const FIRST_BACKOFF_MS = 500;
const MOST_BACKOFF_MS = 60_000;
/** Nobody waits longer for a receiver, whatever it asks for: what it must not miss may come any moment. */
export const MOST_WAIT_MS = 600_000;

/** Whether a time that was set has come. One that is farther away than any wait was set by a clock that was put back since. */
export function isDue(notBefore: number, now: number): boolean {
  return notBefore <= now || notBefore - now > MOST_WAIT_MS;
}

/** Alertmanager's: half a second, half as much again each time up to a minute, give or take a half. */
export function backoffMs(attempts: number, random: Random): number {
  return jitter(random, Math.min(MOST_BACKOFF_MS, FIRST_BACKOFF_MS * 1.5 ** Math.max(0, attempts - 1)), 0.5);
}

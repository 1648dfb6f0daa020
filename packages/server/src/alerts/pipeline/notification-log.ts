/** Whose notification: a group's, to one integration of one receiver. */
export interface LogKey {
  readonly group: string;
  readonly receiver: string;
  /** `slack[0]` */
  readonly integration: string;
}

/** What an integration was last told of a group. */
export interface LogEntry extends LogKey {
  /** Fingerprints. */
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  /** Epoch ms: when it had been told, not when it was decided. */
  readonly at: number;
  readonly expiresAt: number;
  /** What the receiver answered that later messages need, while the group fires. */
  readonly memo?: ReceiverMemo | undefined;
}

/** Small texts by name, as a receiver's kind has them. */
export type ReceiverMemo = Readonly<Record<string, string>>;

/** As long as Alertmanager keeps its data where it is not told otherwise. */
const LOG_RETENTION_MS = 432_000_000;

/** Twice the repeat interval is enough to know that a repeat is due. */
export function logEntryOf(
  key: LogKey,
  told: Pick<LogEntry, 'firing' | 'resolved' | 'memo'>,
  at: number,
  repeatIntervalMs: number,
): LogEntry {
  const { group, receiver, integration } = key;
  const { firing, resolved, memo } = told;
  const expiresAt = at + Math.min(LOG_RETENTION_MS, 2 * repeatIntervalMs);
  const entry: LogEntry = { group, receiver, integration, firing, resolved, at, expiresAt };
  // What begins after the end of all of it is told anew.
  return memo === undefined || firing.length === 0 ? entry : { ...entry, memo };
}

/** Why an integration is told. */
export type NoticeReason =
  /** It has not been told of the group yet. */
  | 'first'
  /** Alerts fire that it does not know of. */
  | 'new_firing'
  | 'all_resolved'
  /** Alerts ended that it thinks to fire. */
  | 'new_resolved'
  /** Nothing is new, and the repeat interval is over. */
  | 'repeat'
  /** An escalation policy says so. */
  | 'paged';

/** Why it is not. */
export type QuietReason =
  /** It never heard that these alerts fired. */
  'only_resolved' | 'already_resolved' | 'unchanged';

export interface Told {
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  readonly sendResolved: boolean;
  readonly repeatIntervalMs: number;
  readonly at: number;
}

export type Judgement =
  | { readonly notify: true; readonly reason: NoticeReason }
  | { readonly notify: false; readonly reason: QuietReason };

/** Whether an integration needs to be told, by Alertmanager's rules and in their order. */
export function judgeNotice(last: LogEntry | undefined, now: Told): Judgement {
  if (last === undefined)
    return now.firing.length > 0
      ? { notify: true, reason: 'first' }
      : { notify: false, reason: 'only_resolved' };
  if (!isSubset(now.firing, last.firing)) return { notify: true, reason: 'new_firing' };
  // Also for those who want no end of alerts: the log forgets what fired.
  if (now.firing.length === 0)
    return last.firing.length > 0
      ? { notify: true, reason: 'all_resolved' }
      : { notify: false, reason: 'already_resolved' };
  if (now.sendResolved && !isSubset(now.resolved, last.resolved))
    return { notify: true, reason: 'new_resolved' };
  return last.at < now.at - now.repeatIntervalMs
    ? { notify: true, reason: 'repeat' }
    : { notify: false, reason: 'unchanged' };
}

function isSubset(some: readonly string[], all: readonly string[]): boolean {
  if (some.length === 0) return true;
  const known = new Set(all);
  return some.every((one) => known.has(one));
}

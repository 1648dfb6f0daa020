import type { ReceiverIntegration } from '../config/receiver.ts';
import { kindName } from '../config/receivers/sent-kinds.ts';
import type { Decision, Outcome } from '../decisions/decision.ts';
import type { Folding } from '../folding/fold.ts';
import type { Inhibition } from '../inhibition/inhibitor.ts';
import type { NamedIntervals } from '../intervals/named.ts';
import type { LabelSet } from '../labels/label-set.ts';
import type { Alert, FlushedAlert } from '../received/alert.ts';
import type { RouteNode } from '../routes/tree.ts';
import type { SilencedBy } from '../silences/book.ts';
import type { LogEntry, LogKey, NoticeReason } from './notification-log.ts';

/** A group, as far as its alerts need to know it. */
export interface GroupRef {
  readonly route: RouteNode;
  /** What its alerts have in common. */
  readonly labels: LabelSet;
  /** `{}/{team="a"}:{alertname="Down"}`, as in a webhook's body. */
  readonly key: string;
}

/** What a group tells at a flush; stages take alerts out of it. */
export interface FlushParcel {
  readonly group: GroupRef;
  /** Epoch ms: when the group's timer went off. All stages decide as of then. */
  readonly at: number;
  readonly alerts: readonly FlushedAlert[];
}

/** The same on its way to one integration of the receiver. */
export interface DeliveryParcel extends FlushParcel {
  readonly integration: ReceiverIntegration;
  /** Why it is told; null until that is known. */
  readonly reason: NoticeReason | null;
  /** Fingerprints of what the group had, whether or not the receiver is told of them. */
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
}

/** What stages ask; all of it answers from memory and at once. */
export interface World {
  inhibiting(labels: LabelSet, at: number): readonly Inhibition[];
  silencing(alert: Pick<Alert, 'fingerprint' | 'labels'>, at: number): SilencedBy;
  readonly intervals: NamedIntervals;
  /** The last notification of a group to an integration. */
  lastNotice(key: LogKey): LogEntry | undefined;
  /** Names of the maintenance windows that an alert is in; there are none when absent. */
  readonly maintaining?: (labels: LabelSet, at: number) => readonly string[];
  /** Whether a policy says who is told of groups of a receiver, besides its integrations; none does when absent. */
  readonly leadsToPolicy?: (receiver: string) => boolean;
  /** Why an alert is part of the page about another one, of those that a group's receiver is told of; null, as when absent, where it is not. */
  readonly folding?: (alert: Alert, group: Pick<GroupRef, 'route'>, at: number) => Folding | null;
  /** The services that suffer from what an alert is about, in words; empty, as when absent, for none. */
  readonly dependants?: (alert: Alert, group: GroupRef, at: number) => string;
  /** Whether any integration of a group's receiver thinks an alert to fire; none does when absent. */
  readonly isTold?: (group: GroupRef, fingerprint: string) => boolean;
}

export interface Passed<P> {
  /** Null when nothing is left of it. */
  readonly parcel: P | null;
  readonly decisions: readonly Decision[];
}

/** One station: takes alerts out of a parcel or lets them pass, and says why. Pure. */
export type Stage<P> = (parcel: P, world: World) => Passed<P>;

/** Sends a parcel through stages, in order, until nothing is left. */
export function runStages<P>(stages: readonly Stage<P>[], parcel: P, world: World): Passed<P> {
  const decisions: Decision[] = [];
  let current: P = parcel;
  for (const stage of stages) {
    const passed = stage(current, world);
    // Not spread: a call takes some hundred thousand arguments at most.
    for (const decision of passed.decisions) decisions.push(decision);
    if (passed.parcel === null) return { parcel: null, decisions };
    current = passed.parcel;
  }
  return { parcel: current, decisions };
}

/** What a stage says of an alert. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly by?: readonly string[];
}

/** Takes those alerts out of a parcel that a verdict stops. */
export function takeOut<P extends FlushParcel>(
  parcel: P,
  judge: (alert: FlushedAlert) => Verdict | null,
): Passed<P> {
  const alerts: FlushedAlert[] = [];
  const decisions: Decision[] = [];
  for (const alert of parcel.alerts) {
    const verdict = judge(alert);
    if (verdict === null) alerts.push(alert);
    else decisions.push(decisionOf(parcel, alert.fingerprint, verdict));
  }
  return { parcel: alerts.length === 0 ? null : { ...parcel, alerts }, decisions };
}

/** Stops a parcel whole. */
export function stop<P extends FlushParcel>(parcel: P, verdict: Verdict): Passed<P> {
  return takeOut(parcel, () => verdict);
}

export function decisionOf(
  parcel: Pick<FlushParcel, 'group' | 'at'> & Partial<Pick<DeliveryParcel, 'integration'>>,
  fingerprint: string,
  { outcome, reason, by = [] }: Verdict,
): Decision {
  const { group, at, integration } = parcel;
  return {
    at,
    outcome,
    fingerprint,
    route: group.route.id,
    group: group.key,
    receiver: group.route.options.receiver,
    integration: integration === undefined ? '' : integrationName(integration),
    reason,
    by,
  };
}

/** Whose notification it is. */
export function logKeyOf({ group, integration }: DeliveryParcel): LogKey {
  return {
    group: group.key,
    receiver: group.route.options.receiver,
    integration: integrationName(integration),
  };
}

/** `slack[0]`, as in Alertmanager's messages. */
export function integrationName({ entry, index }: ReceiverIntegration): string {
  return `${kindName(entry)}[${index}]`;
}

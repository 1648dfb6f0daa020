import type { Receiver } from '../config/receiver.ts';
import type { NamedIntervals } from '../intervals/named.ts';
import { formatLabelSet, type LabelSet, labelSet } from '../labels/label-set.ts';
import type { OnCallConfig } from '../oncall/config/load.ts';
import { type Alert, alertOf } from '../received/alert.ts';
import type { RouteNode } from '../routes/tree.ts';
import type { Firing } from './spell.ts';

/** Routes, people and their turns, as they are now: whom alerts of the past would have reached by them. */
export interface TellingWorld {
  readonly root: RouteNode;
  readonly receivers: readonly Receiver[];
  readonly intervals: NamedIntervals;
  readonly onCall: OnCallConfig;
  readonly externalLabels: ReadonlyMap<string, string>;
  /** Who is on call by a schedule at a time; null when nobody is. */
  turn(schedule: string, at: number): string | null;
  /** Names of the maintenance windows that labels are in at a time. */
  maintaining(labels: LabelSet, at: number): readonly string[];
}

/** One message to one receiver; its integrations get it at once. Epoch ms. */
export interface Notice {
  readonly at: number;
  readonly receiver: string;
  /** Whose contact the receiver is, where an escalation policy told a person. */
  readonly person: string | null;
  /** Why: `first`, `new_firing`, `repeat`, `paged` ... */
  readonly reason: string;
  readonly firing: number;
  readonly resolved: number;
  /** What the alerts of it have in common. */
  readonly group: LabelSet;
}

/** Somebody was told that an alert fires. */
export type Told = Pick<Notice, 'at' | 'receiver' | 'person'>;

/** What somebody would have heard of a rule's alerts. */
export interface Audience {
  /** In the order of time. */
  readonly notices: readonly Notice[];
  /** Who was told of each firing, each receiver and person once, with the first time. */
  readonly told: ReadonlyMap<Firing, readonly Told[]>;
  /** Why nobody was told of a firing, or not by a route. */
  readonly held: ReadonlyMap<Firing, string>;
  /** It was more than is worth following: the end is missing from this time on. */
  readonly cutAt: number | null;
}

/** An alert of a firing, as Alertmanager knows it: its end is known beforehand. */
export interface ToldAlert {
  readonly firing: Firing;
  readonly alert: Alert;
}

export function alertOfFiring(firing: Firing, external: ReadonlyMap<string, string>): ToldAlert {
  const { labels, annotations, firedAt, endedAt } = firing;
  const alert = alertOf({
    labels: labelSet([...external, ...labels.toMap()]),
    annotations: labelSet(annotations),
    startsAt: firedAt,
    endsAt: endedAt ?? Number.POSITIVE_INFINITY,
    updatedAt: firedAt,
    isTimeout: false,
    generatorUrl: '',
  });
  return { firing, alert };
}

/** How often somebody would have been told. */
export interface Listener {
  readonly receiver: string;
  readonly person: string | null;
  readonly notices: number;
  /** Of those that say that something fires. */
  readonly firing: number;
}

/** Receivers and people by how often they would have been told, most first. */
export function listenersOf(notices: readonly Notice[]): readonly Listener[] {
  const byName = new Map<string, Listener>();
  for (const { receiver, person, firing } of notices) {
    const key = JSON.stringify([receiver, person]);
    const known = byName.get(key) ?? { receiver, person, notices: 0, firing: 0 };
    byName.set(key, { ...known, notices: known.notices + 1, firing: known.firing + (firing > 0 ? 1 : 0) });
  }
  return [...byName.values()].sort(
    (a, b) => b.notices - a.notices || (formatName(a) < formatName(b) ? -1 : 1),
  );
}

function formatName({ receiver, person }: Listener): string {
  return `${person ?? ''} ${receiver}`;
}

/** Unlike its key, no other group has it. */
export function groupId(route: RouteNode, labels: LabelSet): string {
  return `${route.id}:${formatLabelSet(labels)}`;
}

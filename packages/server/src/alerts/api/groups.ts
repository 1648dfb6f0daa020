import { compareLabelSets, compareUtf8 } from '../labels/label-set.ts';
import type { GroupRef } from '../pipeline/parcel.ts';
import { type Alert, sortedAlerts } from '../received/alert.ts';
import { type AlertStanding, type GettableAlert, gettableAlert } from './alerts.ts';

/** A group with those of its alerts that are wanted. */
export interface ListedGroup {
  readonly group: GroupRef;
  readonly alerts: readonly Alert[];
  /** Names of the intervals that keep its route quiet now. */
  readonly mutedBy: readonly string[];
}

export interface GettableGroup {
  readonly alerts: readonly GettableAlert[];
  readonly labels: Readonly<Record<string, string>>;
  readonly receiver: { readonly name: string };
}

/** Groups as API v2 lists them: by labels, then by receiver; those without alerts are left out, muted ones where nobody wants them. */
export function gettableGroups(
  groups: readonly ListedGroup[],
  standingOf: (alert: Alert) => AlertStanding,
  isMutedWanted: boolean,
): readonly GettableGroup[] {
  const listed = groups.filter(({ alerts }) => alerts.length > 0);
  const receivers = receiversByAlert(listed);
  return listed
    .filter(({ mutedBy }) => isMutedWanted || mutedBy.length === 0)
    .sort(
      (a, b) =>
        compareLabelSets(a.group.labels, b.group.labels) ||
        compareUtf8(a.group.route.options.receiver, b.group.route.options.receiver),
    )
    .map(({ group, alerts, mutedBy }) => ({
      alerts: sortedAlerts(alerts).map((alert) =>
        gettableAlert(alert, { ...standingOf(alert), mutedBy }, receivers.get(alert.fingerprint) ?? []),
      ),
      labels: Object.fromEntries(group.labels),
      receiver: { name: group.route.options.receiver },
    }));
}

/** An alert names all receivers it goes to, in each of its groups; one as often as it has groups there. */
function receiversByAlert(groups: readonly ListedGroup[]): ReadonlyMap<string, readonly string[]> {
  const receivers = new Map<string, string[]>();
  for (const { group, alerts } of groups)
    for (const { fingerprint } of alerts) {
      const names = receivers.get(fingerprint);
      if (names === undefined) receivers.set(fingerprint, [group.route.options.receiver]);
      else names.push(group.route.options.receiver);
    }
  for (const names of receivers.values()) names.sort(compareUtf8);
  return receivers;
}

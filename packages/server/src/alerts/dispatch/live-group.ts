import type { Timer } from '../../kernel/clock.ts';
import { advanceGroup, type GroupState, type GroupStep, openGroup } from '../groups/group.ts';
import { formatLabelSet } from '../labels/label-set.ts';
import type { GroupRef } from '../pipeline/parcel.ts';
import type { Alert } from '../received/alert.ts';

/** A group as others may see it. */
export interface LiveGroup {
  readonly ref: GroupRef;
  /** By fingerprint. */
  readonly alerts: ReadonlyMap<string, Alert>;
}

/** A group with what it needs to go on. */
export interface Group extends LiveGroup {
  readonly id: string;
  readonly alerts: Map<string, Alert>;
  state: GroupState;
  timer: Timer | null;
  /** The last flush left alerts to pages about others. */
  isFolding: boolean;
  /** Flushes in a row of which something could not be written. */
  unwritten: number;
}

/** By what no other group has. */
export type Groups = Map<string, Group>;

export function groupOf(groups: Groups, ref: GroupRef): Group | undefined {
  return groups.get(idOf(ref));
}

interface Joined {
  readonly group: Group;
  /** What follows: the group's state is for the caller to set. */
  readonly step: GroupStep;
  /** The group did not have the alert. */
  readonly isNew: boolean;
}

/** Puts an alert into its group, which is made where there is none. */
export function joined(groups: Groups, ref: GroupRef, alert: Alert, now: number): Joined {
  const timers = ref.route.options;
  const known = groupOf(groups, ref);
  if (known === undefined) {
    const step = openGroup(alert, timers, now);
    const alerts = new Map([[alert.fingerprint, alert]]);
    const group: Group = {
      id: idOf(ref),
      ref,
      alerts,
      state: step.state,
      timer: null,
      isFolding: false,
      unwritten: 0,
    };
    groups.set(group.id, group);
    return { group, step, isNew: true };
  }
  const { alerts, state } = known;
  const isNew = !alerts.has(alert.fingerprint);
  alerts.set(alert.fingerprint, alert);
  return {
    group: known,
    step: advanceGroup(state, { kind: 'alert', alert }, { alerts, timers, now }),
    isNew,
  };
}

/** Unlike its key, no other group has it. */
function idOf({ route, labels }: GroupRef): string {
  return `${route.id}:${formatLabelSet(labels)}`;
}

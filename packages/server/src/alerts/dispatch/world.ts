import type { Receiver } from '../config/receiver.ts';
import type { KnownSufferers } from '../folding/dependants.ts';
import type { Folder, FoldingFor } from '../folding/folder.ts';
import { type NamedIntervals, quietedBy } from '../intervals/named.ts';
import { type GroupRef, integrationName, type World } from '../pipeline/parcel.ts';
import { arrive } from '../pipeline/pipeline.ts';
import type { Alert } from '../received/alert.ts';
import { matchingRoutes, type RouteNode } from '../routes/tree.ts';

interface FoldingParts {
  readonly folder: Pick<Folder, 'judge' | 'dependants'>;
  readonly root: RouteNode;
  readonly intervals: NamedIntervals;
  readonly receivers: readonly Receiver[];
  readonly lastNotice: World['lastNotice'];
  /** Whether a silence, a maintenance window or another alert keeps one quiet. */
  isQuiet(alert: Alert, at: number): boolean;
  /** Whether people were told of an alert of a group by a policy. */
  isPaged(group: GroupRef, fingerprint: string): boolean;
}

/** What stages ask about alerts that are part of pages about others, for one flush. */
export function foldingWorld(
  parts: FoldingParts,
): Required<Pick<World, 'folding' | 'dependants' | 'isTold'>> {
  const { folder, root, intervals, receivers, lastNotice, isQuiet, isPaged } = parts;
  const isTold: Required<World>['isTold'] = ({ key, route }, fingerprint) => {
    const { receiver: name } = route.options;
    const receiver = receivers.find((one) => one.name === name);
    return (receiver?.integrations ?? []).some((one) => {
      const last = lastNotice({ group: key, receiver: name, integration: integrationName(one) });
      return last?.firing.includes(fingerprint) === true;
    });
  };
  const isToldTo = (receiver: string, alert: Alert, at: number): boolean =>
    arrive(alert, root, at).groups.some(
      (group) =>
        group.route.options.receiver === receiver &&
        (isTold(group, alert.fingerprint) || isPaged(group, alert.fingerprint)),
    );
  /**
   * What a receiver is told of at that time, by any of its routes. What is kept quiet nobody hears of, unless it was told before: then
   * whoever silenced it knows.
   */
  const heardBy =
    (receiver: string, at: number): FoldingFor['isHeard'] =>
    (alert) =>
      matchingRoutes(root, alert.labels).some(
        ({ options }) => options.receiver === receiver && quietedBy(intervals, options, at).length === 0,
      ) &&
      (!isQuiet(alert, at) || isToldTo(receiver, alert, at));
  const known = new Map<string, KnownSufferers>();
  const knownTo = (receiver: string, at: number): KnownSufferers => {
    const key = `${at} ${receiver}`;
    const sufferers: KnownSufferers = known.get(key) ?? new Map();
    known.set(key, sufferers);
    return sufferers;
  };
  return {
    isTold,
    folding: (alert, { route }, at) =>
      folder.judge(alert, { at, isHeard: heardBy(route.options.receiver, at) }),
    dependants: (alert, { route }, at) => {
      const { receiver } = route.options;
      return folder.dependants(alert, {
        at,
        known: knownTo(receiver, at),
        isHeard: heardBy(receiver, at),
        isTold: (one) => isToldTo(receiver, one, at),
      });
    },
  };
}

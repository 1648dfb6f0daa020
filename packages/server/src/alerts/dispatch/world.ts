import type { Receiver } from '../config/receiver.ts';
import type { Folder, FoldingFor } from '../folding/folder.ts';
import { type NamedIntervals, quietedBy } from '../intervals/named.ts';
import { integrationName, type World } from '../pipeline/parcel.ts';
import { arrive } from '../pipeline/pipeline.ts';
import { matchingRoutes, type RouteNode } from '../routes/tree.ts';

interface FoldingParts {
  readonly folder: Pick<Folder, 'judge' | 'dependants'>;
  readonly root: RouteNode;
  readonly intervals: NamedIntervals;
  readonly receivers: readonly Receiver[];
  readonly lastNotice: World['lastNotice'];
}

/** What stages ask about alerts that are part of pages about others. */
export function foldingWorld(
  parts: FoldingParts,
): Required<Pick<World, 'folding' | 'dependants' | 'isTold'>> {
  const { folder, root, intervals, receivers, lastNotice } = parts;
  const isTold: Required<World>['isTold'] = ({ key, route }, fingerprint) => {
    const { receiver: name } = route.options;
    const receiver = receivers.find((one) => one.name === name);
    return (receiver?.integrations ?? []).some((one) => {
      const last = lastNotice({ group: key, receiver: name, integration: integrationName(one) });
      return last?.firing.includes(fingerprint) === true;
    });
  };
  /** What a receiver is told of at that time, by any of its routes. */
  const heardBy =
    (receiver: string, at: number): FoldingFor['isHeard'] =>
    ({ labels }) =>
      matchingRoutes(root, labels).some(
        ({ options }) => options.receiver === receiver && quietedBy(intervals, options, at).length === 0,
      );
  return {
    isTold,
    folding: (alert, { route }, at) =>
      folder.judge(alert, { at, isHeard: heardBy(route.options.receiver, at) }),
    dependants: (alert, { route }, at) => {
      const { receiver } = route.options;
      return folder.dependants(alert, {
        at,
        isHeard: heardBy(receiver, at),
        isTold: (one) =>
          arrive(one, root, at).groups.some(
            (group) => group.route.options.receiver === receiver && isTold(group, one.fingerprint),
          ),
      });
    },
  };
}

import { labelSet } from '../../labels/label-set.ts';
import type { FlushedAlert } from '../../received/alert.ts';
import { type FlushParcel, type Stage, takeOut, type World } from '../parcel.ts';

/** The annotation by which a page lists the services that suffer from what it is about. */
const DEPENDANTS = 'dependants';

/**
 * Alerts about services that suffer from another one are part of the page about that one, which lists them. Who was told of such an
 * alert before is told of its end.
 */
export const fold: Stage<FlushParcel> = (parcel, world) => {
  const { group, at } = parcel;
  const { parcel: left, decisions } = takeOut(parcel, (alert) => {
    const folding = world.folding?.(alert, group, at) ?? null;
    if (folding === null || (alert.isResolved && world.isTold?.(group, alert.fingerprint) === true))
      return null;
    return { outcome: 'folded', reason: folding.reason, by: folding.causes };
  });
  if (left === null) return { parcel: null, decisions };
  return {
    parcel: { ...left, alerts: left.alerts.map((alert) => withDependants(alert, left, world)) },
    decisions,
  };
};

function withDependants(alert: FlushedAlert, { group, at }: FlushParcel, world: World): FlushedAlert {
  const text = alert.isResolved ? '' : (world.dependants?.(alert, group, at) ?? '');
  if (text === '') return alert;
  return { ...alert, annotations: labelSet([...alert.annotations, [DEPENDANTS, text]]) };
}

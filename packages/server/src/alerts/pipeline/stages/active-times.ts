import { namesAt } from '../../intervals/named.ts';
import { type FlushParcel, type Stage, stop } from '../parcel.ts';

/** A route with active times is quiet outside of them. */
export const activeTimes: Stage<FlushParcel> = (parcel, { intervals }) => {
  const names = parcel.group.route.options.activeTimeIntervals;
  if (names.length === 0 || namesAt(intervals, names, parcel.at).length > 0) return { parcel, decisions: [] };
  return stop(parcel, {
    outcome: 'inactive',
    reason: `the route is active in ${names.join(', ')} only`,
    by: names,
  });
};

import { namesAt } from '../../intervals/named.ts';
import { type FlushParcel, type Stage, stop } from '../parcel.ts';

/** A route is quiet in its mute times. */
export const muteTimes: Stage<FlushParcel> = (parcel, { intervals }) => {
  const by = namesAt(intervals, parcel.group.route.options.muteTimeIntervals, parcel.at);
  if (by.length === 0) return { parcel, decisions: [] };
  return stop(parcel, { outcome: 'muted', reason: `the route is muted in ${by.join(', ')}`, by });
};

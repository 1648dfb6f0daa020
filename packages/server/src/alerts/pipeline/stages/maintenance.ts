import { type FlushParcel, type Stage, takeOut } from '../parcel.ts';

/** Alerts in a maintenance window are quiet. */
export const maintenance: Stage<FlushParcel> = (parcel, world) =>
  takeOut(parcel, ({ labels }) => {
    const by = world.maintaining?.(labels, parcel.at) ?? [];
    if (by.length === 0) return null;
    return { outcome: 'muted', reason: `in maintenance: ${by.join(', ')}`, by };
  });

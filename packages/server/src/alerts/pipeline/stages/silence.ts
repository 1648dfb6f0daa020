import { type FlushParcel, type Stage, takeOut } from '../parcel.ts';

/** Alerts that somebody silenced are quiet. */
export const silence: Stage<FlushParcel> = (parcel, world) =>
  takeOut(parcel, (alert) => {
    const { active } = world.silencing(alert, parcel.at);
    if (active.length === 0) return null;
    return { outcome: 'silenced', reason: `silenced by ${active.join(', ')}`, by: active };
  });

import { isSent, kindName } from '../../config/receivers/sent-kinds.ts';
import { type DeliveryParcel, type Stage, stop } from '../parcel.ts';

/** Kinds that Pharos does not send to say so, every time. */
export const skipUnsent: Stage<DeliveryParcel> = (parcel) => {
  const { entry } = parcel.integration;
  if (isSent(entry)) return { parcel, decisions: [] };
  return stop(parcel, { outcome: 'skipped', reason: `Pharos does not send to ${kindName(entry)}` });
};

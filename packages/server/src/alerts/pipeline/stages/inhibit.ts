import { type FlushParcel, type Stage, takeOut } from '../parcel.ts';

/** Alerts are quiet while another one explains them. */
export const inhibit: Stage<FlushParcel> = (parcel, world) =>
  takeOut(parcel, ({ labels }) => {
    const found = world.inhibiting(labels, parcel.at);
    if (found.length === 0) return null;
    const rules = found.map(({ rule, name }) => (name === '' ? `rule ${rule + 1}` : `rule "${name}"`));
    return {
      outcome: 'inhibited',
      reason: `inhibited by ${rules.join(', ')}`,
      by: found.map(({ source }) => source),
    };
  });

import { type DeliveryParcel, decisionOf, type Stage } from '../parcel.ts';

/**
 * Who wants no end of alerts is not told of it. The parcel goes on even when nothing is left to tell: the log must learn that what
 * fired does not any more.
 */
export const audience: Stage<DeliveryParcel> = (parcel) => {
  if (parcel.integration.entry.sendResolved) return { parcel, decisions: [] };
  const alerts = parcel.alerts.filter(({ isResolved }) => !isResolved);
  const decisions = parcel.alerts
    .filter(({ isResolved }) => isResolved)
    .map(({ fingerprint }) =>
      decisionOf(parcel, fingerprint, {
        outcome: 'skipped',
        reason: 'the receiver wants no end of alerts (send_resolved is false)',
      }),
    );
  return { parcel: { ...parcel, alerts }, decisions };
};

import { judgeNotice, type LogEntry, type QuietReason } from '../notification-log.ts';
import { type DeliveryParcel, logKeyOf, type Passed, type Stage, stop } from '../parcel.ts';

const QUIET: Readonly<Record<QuietReason, string>> = {
  only_resolved: 'it ended before anybody was told that it fired',
  already_resolved: 'the receiver knows that it ended',
  unchanged: 'the receiver knows of it, and the repeat interval is not over',
};

/** Tells an integration only what it does not know, by the log of what it was told. */
export const dedup: Stage<DeliveryParcel> = (parcel, world) =>
  dedupBy(parcel, world.lastNotice(logKeyOf(parcel)));

/** The same with what the log says of it. */
export function dedupBy(parcel: DeliveryParcel, last: LogEntry | undefined): Passed<DeliveryParcel> {
  const { group, integration, firing, resolved, at } = parcel;
  const { repeatIntervalMs } = group.route.options;
  const { sendResolved } = integration.entry;
  const judged = judgeNotice(last, { firing, resolved, sendResolved, repeatIntervalMs, at });
  if (judged.notify) return { parcel: { ...parcel, reason: judged.reason }, decisions: [] };
  return stop(parcel, { outcome: 'deduplicated', reason: QUIET[judged.reason] });
}

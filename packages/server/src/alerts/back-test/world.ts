import type { Alertmanager } from '../alertmanager.ts';
import type { TellingWorld } from './audience.ts';

/** Whom Alertmanager would tell, by what is in force now; who is on call is said for any time. */
export function tellingWorldOf(
  alertmanager: Alertmanager,
  externalLabels: ReadonlyMap<string, string>,
): TellingWorld {
  const { config, root, onCall, maintenance } = alertmanager;
  return {
    root,
    receivers: config.receivers,
    intervals: config.intervals,
    onCall: onCall.escalations.config,
    externalLabels,
    turn: (schedule, at) => onCall.rota.onCall(schedule, at)?.person ?? null,
    maintaining: (labels, at) => maintenance.maintaining(labels, at),
  };
}

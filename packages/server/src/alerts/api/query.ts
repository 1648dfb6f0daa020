import { type NamedIntervals, quietedBy } from '../intervals/named.ts';
import type { AlertMatcher } from '../matchers/matcher.ts';
import type { GroupRef } from '../pipeline/parcel.ts';
import type { Alert } from '../received/alert.ts';
import { matchingRoutes, type RouteNode } from '../routes/tree.ts';
import { type AlertStanding, byFingerprint, type GettableAlert, gettableAlert, isListed } from './alerts.ts';
import { passesFilters, type StateFilter } from './filters.ts';
import { type GettableGroup, gettableGroups } from './groups.ts';

/** What `GET /api/v2/alerts` and `/alerts/groups` ask for. */
export interface AlertQuery {
  readonly filters: readonly AlertMatcher[];
  readonly wanted: StateFilter;
  isReceiver(name: string): boolean;
}

/** What answers them, as of one instant (epoch ms). */
export interface AlertsNow {
  readonly at: number;
  readonly root: RouteNode;
  readonly intervals: NamedIntervals;
  standingOf(alert: Alert): AlertStanding;
}

/** Alerts that have not ended, by fingerprint, each with all receivers that its routes lead to. */
export function queryAlerts(
  alerts: readonly Alert[],
  query: AlertQuery,
  now: AlertsNow,
): readonly GettableAlert[] {
  return alerts
    .flatMap((alert) => {
      const receivers = matchingRoutes(now.root, alert.labels).map(({ options }) => options.receiver);
      if (!receivers.some((name) => query.isReceiver(name)) || !isAsked(alert, query, now)) return [];
      return [gettableAlert(alert, now.standingOf(alert), receivers)];
    })
    .sort(byFingerprint);
}

/** An alert that was received, with what keeps it quiet now and whom it goes to. */
export interface ReceivedAlert {
  readonly alert: Alert;
  readonly standing: AlertStanding;
  readonly receivers: readonly string[];
}

/** Every alert that has not ended; `mutedBy` where all its routes are. */
export function receivedAlerts(alerts: readonly Alert[], now: AlertsNow): readonly ReceivedAlert[] {
  return alerts
    .filter(({ endsAt }) => endsAt >= now.at)
    .map((alert) => {
      const routes = matchingRoutes(now.root, alert.labels).map(({ options }) => options);
      const quiet = routes.map((options) => quietedBy(now.intervals, options, now.at));
      const mutedBy = quiet.every((names) => names.length > 0) ? [...new Set(quiet.flat())] : [];
      const receivers = routes.map(({ receiver }) => receiver);
      return { alert, standing: { ...now.standingOf(alert), mutedBy }, receivers };
    });
}

export interface GroupNow {
  readonly ref: GroupRef;
  readonly alerts: Iterable<Alert>;
}

/** Groups of receivers that are asked for, with their alerts. */
export function queryGroups(
  groups: readonly GroupNow[],
  query: AlertQuery & { readonly isMutedWanted: boolean },
  now: AlertsNow,
): readonly GettableGroup[] {
  const listed = groups
    .filter(({ ref }) => query.isReceiver(ref.route.options.receiver))
    .map(({ ref, alerts }) => ({
      group: ref,
      alerts: [...alerts].filter((alert) => isAsked(alert, query, now)),
      mutedBy: quietedBy(now.intervals, ref.route.options, now.at),
    }));
  return gettableGroups(listed, (alert) => now.standingOf(alert), query.isMutedWanted);
}

function isAsked(alert: Alert, { wanted, filters }: AlertQuery, now: AlertsNow): boolean {
  return passesFilters(alert.labels, filters) && isListed(alert, now.standingOf(alert), wanted, now.at);
}

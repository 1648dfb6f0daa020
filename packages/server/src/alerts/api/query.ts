import { type NamedIntervals, quietedBy } from '../intervals/named.ts';
import type { AlertMatcher } from '../matchers/matcher.ts';
import type { GroupRef, World } from '../pipeline/parcel.ts';
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
  /** Why an alert is part of the page about another one; nothing is when absent. */
  readonly folding?: World['folding'];
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
  /** It is part of the pages about others, or waits for one, for all of its receivers; null when one is told of it. */
  readonly folded: Folded | null;
  readonly receivers: readonly string[];
}

interface Folded {
  /** Fingerprints of the alerts that explain it; none while one is waited for. */
  readonly into: readonly string[];
  readonly reason: string;
}

/** Of more alerts at once nobody reads which are folded, and to find out would keep the process busy. */
const MOST_FOLDED = 10_000;

/** Every alert that has not ended; `mutedBy` where all its routes are, `folded` where it is for all of them. */
export function receivedAlerts(alerts: readonly Alert[], now: AlertsNow): readonly ReceivedAlert[] {
  const firing = alerts.filter(({ endsAt }) => endsAt >= now.at);
  const folding = firing.length > MOST_FOLDED ? undefined : now.folding;
  return firing.map((alert) => {
    const nodes = matchingRoutes(now.root, alert.labels);
    const routes = nodes.map(({ options }) => options);
    const quiet = routes.map((options) => quietedBy(now.intervals, options, now.at));
    const mutedBy = quiet.every((names) => names.length > 0) ? [...new Set(quiet.flat())] : [];
    const receivers = routes.map(({ receiver }) => receiver);
    const standing = { ...now.standingOf(alert), mutedBy };
    return { alert, standing, folded: foldedOf(alert, nodes, { at: now.at, folding }), receivers };
  });
}

function foldedOf(
  alert: Alert,
  routes: readonly RouteNode[],
  { at, folding }: { readonly at: number; readonly folding: World['folding'] },
): Folded | null {
  const all: Folded[] = [];
  for (const route of routes) {
    const found = folding?.(alert, { route }, at) ?? null;
    if (found === null) return null;
    all.push({ into: found.causes, reason: found.reason });
  }
  const [first] = all;
  return first === undefined
    ? null
    : { into: [...new Set(all.flatMap(({ into }) => into))], reason: first.reason };
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

import { atOnce, type Sliced } from '../../kernel/sliced.ts';
import type { Receiver } from '../config/receiver.ts';
import type { Decision } from '../decisions/decision.ts';
import { formatLabelSet, type LabelSet } from '../labels/label-set.ts';
import type { Alert, FlushedAlert } from '../received/alert.ts';
import { groupLabelsOf, matchingRoutes, type RouteNode } from '../routes/tree.ts';
import {
  type DeliveryParcel,
  decisionOf,
  type FlushParcel,
  type GroupRef,
  type Passed,
  runStages,
  type Stage,
  stop,
  type World,
} from './parcel.ts';
import { activeTimes } from './stages/active-times.ts';
import { audience } from './stages/audience.ts';
import { dedup } from './stages/dedup.ts';
import { fold } from './stages/fold.ts';
import { inhibit } from './stages/inhibit.ts';
import { maintenance } from './stages/maintenance.ts';
import { muteTimes } from './stages/mute-times.ts';
import { silence } from './stages/silence.ts';
import { skipUnsent } from './stages/skip-unsent.ts';

/*
 *  alert ─> route ─> group ═══ timers (groups/group.ts) ═══> inhibit ─> active times ─> mute times ─> maintenance ─> silence ─> fold
 *                                                                                                                  │
 *                     outbox (outbox/item.ts) <─ deliver <─ audience <─ dedup <─ skip unsent <─ each integration <─┘
 *
 *  The order is Alertmanager's, which knows neither maintenance nor folding. Where it waits for its peers before dedup, Pharos has none to wait for.
 */

/** What a group may still tell of an alert at all. */
const FLUSH_STAGES: readonly Stage<FlushParcel>[] = [
  inhibit,
  activeTimes,
  muteTimes,
  maintenance,
  silence,
  fold,
];
/** What one integration is told. */
const DELIVERY_STAGES: readonly Stage<DeliveryParcel>[] = [skipUnsent, dedup, audience];

/** Alerts between two pauses: what stages ask of one may take some ten microseconds. */
const ALERTS_OF_SLICE = 200;

export interface Arrival {
  /** The groups an alert belongs to, one per route it ends at. */
  readonly groups: readonly GroupRef[];
  readonly decisions: readonly Decision[];
}

/** Route and group: where an alert belongs, decided when it comes. */
export function arrive(alert: Alert, root: RouteNode, now: number): Arrival {
  const groups = matchingRoutes(root, alert.labels).map((route) => groupRef(route, alert.labels));
  const decisions = groups.flatMap((group) => {
    const { receiver } = group.route.options;
    const of = { group, at: now };
    return [
      decisionOf(of, alert.fingerprint, {
        outcome: 'routed',
        reason: `route ${group.route.id} leads to "${receiver}"`,
      }),
      decisionOf(of, alert.fingerprint, {
        outcome: 'grouped',
        reason: `grouped by ${formatLabelSet(group.labels)}`,
      }),
    ];
  });
  return { groups, decisions };
}

function groupRef(route: RouteNode, labels: LabelSet): GroupRef {
  const own = groupLabelsOf(labels, route.options);
  return { route, labels: own, key: `${route.key}:${formatLabelSet(own)}` };
}

export interface Flushed {
  /** What is to be told, and to whom; one with no alerts is only logged. */
  readonly deliveries: readonly DeliveryParcel[];
  readonly decisions: readonly Decision[];
}

/** Sends a flush through all stages, once for every integration of its receiver. */
export function* flushed(parcel: FlushParcel, receiver: Receiver, world: World): Sliced<Flushed> {
  const common = yield* flushable(parcel, world);
  const left = common.parcel;
  if (left === null) return { deliveries: [], decisions: common.decisions };
  if (receiver.integrations.length === 0) {
    if (world.leadsToPolicy?.(receiver.name) === true) return { deliveries: [], decisions: common.decisions };
    const { decisions } = stop(left, {
      outcome: 'dropped',
      reason: `receiver "${receiver.name}" has nobody to tell`,
    });
    return { deliveries: [], decisions: [...common.decisions, ...decisions] };
  }
  const deliveries: DeliveryParcel[] = [];
  let decisions = common.decisions;
  for (const integration of receiver.integrations) {
    yield;
    const passed = runStages(DELIVERY_STAGES, deliveryOf(left, integration), world);
    if (passed.parcel !== null) deliveries.push(passed.parcel);
    decisions = [...decisions, ...passed.decisions];
  }
  return { deliveries, decisions };
}

/** The same without a pause. */
export function flush(parcel: FlushParcel, receiver: Receiver, world: World): Flushed {
  return atOnce(flushed(parcel, receiver, world));
}

/** What is left of a flush, whoever is told: each alert is judged by itself. */
function* flushable(parcel: FlushParcel, world: World): Sliced<Passed<FlushParcel>> {
  const alerts: FlushedAlert[] = [];
  const decisions: Decision[] = [];
  for (let at = 0; at < parcel.alerts.length; at += ALERTS_OF_SLICE) {
    if (at > 0) yield;
    const some = parcel.alerts.slice(at, at + ALERTS_OF_SLICE);
    const passed = runStages(FLUSH_STAGES, { ...parcel, alerts: some }, world);
    alerts.push(...(passed.parcel?.alerts ?? []));
    decisions.push(...passed.decisions);
  }
  return { parcel: alerts.length === 0 ? null : { ...parcel, alerts }, decisions };
}

/** Those of a group that fire and of which may be told. */
export function* free(parcel: FlushParcel, world: World): Sliced<readonly FlushedAlert[]> {
  const firing = parcel.alerts.filter(({ isResolved }) => !isResolved);
  const passed = yield* flushable({ ...parcel, alerts: firing }, world);
  return passed.parcel?.alerts ?? [];
}

/** The same without a pause. */
export function freeOf(parcel: FlushParcel, world: World): readonly FlushedAlert[] {
  return atOnce(free(parcel, world));
}

function deliveryOf(parcel: FlushParcel, integration: DeliveryParcel['integration']): DeliveryParcel {
  const named = (isResolved: boolean): readonly string[] =>
    parcel.alerts.filter((alert) => alert.isResolved === isResolved).map(({ fingerprint }) => fingerprint);
  return { ...parcel, integration, reason: null, firing: named(false), resolved: named(true) };
}

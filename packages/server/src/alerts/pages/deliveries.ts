import type { Outcome } from '../decisions/decision.ts';
import type { DeliveredAlert, DeliveryEvent } from '../decisions/delivery-events.ts';

export const DELIVERY_STATES = ['waiting', 'sent', 'failed', 'superseded'] as const;
type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One notification on its way to one integration, from the decision to its end. */
export interface Delivery {
  readonly id: string;
  readonly state: DeliveryState;
  readonly receiver: string;
  readonly integration: string;
  readonly route: string;
  readonly group: string;
  /** Epoch ms. */
  readonly plannedAt: number;
  /** Epoch ms of the last thing that is known of it. */
  readonly at: number;
  /** Attempts that are known of. */
  readonly attempts: number;
  readonly alerts: number;
  /** Some of them. */
  readonly about: readonly DeliveredAlert[];
  /** Why it was decided; empty when that lies before the span. */
  readonly reason: string;
  /** What the receiver answered last, or why it was given up; empty when all went well. */
  readonly error: string;
  /** Whether it may have come twice. */
  readonly mayBeDuplicate: boolean;
}

const STATES: Partial<Readonly<Record<Outcome, DeliveryState>>> = {
  sent: 'sent',
  failed: 'failed',
  abandoned: 'failed',
  superseded: 'superseded',
};

/** What an attempt may come to. */
const ATTEMPTED: ReadonlySet<Outcome> = new Set(['sent', 'retrying', 'failed', 'uncertain']);

/** Deliveries of events that stand in order, the one of which was heard last first. */
export function deliveriesOf(events: readonly DeliveryEvent[]): readonly Delivery[] {
  const byId = new Map<string, DeliveryEvent[]>();
  for (const event of events) {
    const of = byId.get(event.id);
    if (of === undefined) byId.set(event.id, [event]);
    else of.push(event);
  }
  return [...byId.values()]
    .flatMap((of) => deliveryOf(of) ?? [])
    .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
}

function deliveryOf(events: readonly DeliveryEvent[]): Delivery | undefined {
  const last = events.at(-1);
  if (last === undefined) return undefined;
  const { id, receiver, integration, route, group, at } = last;
  const queued = events.findLast(({ outcome }) => outcome === 'queued');
  // What an older version wrote says nothing of attempts: there is one at least for each that is known to have ended.
  const ended = events.filter(({ outcome }) => ATTEMPTED.has(outcome)).length;
  const state = STATES[last.outcome] ?? 'waiting';
  return {
    id,
    state,
    receiver,
    integration,
    route,
    group,
    plannedAt: queued?.at ?? events[0]?.at ?? at,
    at,
    attempts: Math.max(ended, ...events.map(({ attempts }) => attempts)),
    alerts: Math.max(...events.map(({ alerts }) => alerts)),
    about: last.about.toSorted((a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : 0)),
    reason: queued?.reason ?? '',
    error:
      last.outcome === 'sent' || last.outcome === 'queued' || last.outcome === 'superseded'
        ? ''
        : last.reason,
    mayBeDuplicate: events.some(({ outcome, mayBeDuplicate }) => mayBeDuplicate || outcome === 'uncertain'),
  };
}

/** How one integration of one receiver does. */
export interface IntegrationRecord {
  readonly receiver: string;
  readonly integration: string;
  readonly counts: Readonly<Record<DeliveryState, number>>;
  /** Epoch ms; null when nothing was taken, or refused. */
  readonly lastSentAt: number | null;
  readonly lastFailedAt: number | null;
}

/** By receiver and integration, those with failures first. */
export function integrationRecords(deliveries: readonly Delivery[]): readonly IntegrationRecord[] {
  const records = new Map<string, IntegrationRecord>();
  for (const { receiver, integration, state, at } of deliveries) {
    const key = JSON.stringify([receiver, integration]);
    const before = records.get(key) ?? {
      receiver,
      integration,
      counts: { waiting: 0, sent: 0, failed: 0, superseded: 0 },
      lastSentAt: null,
      lastFailedAt: null,
    };
    const counts = { ...before.counts, [state]: before.counts[state] + 1 };
    records.set(key, {
      ...before,
      counts,
      lastSentAt: state === 'sent' ? Math.max(at, before.lastSentAt ?? 0) : before.lastSentAt,
      lastFailedAt: state === 'failed' ? Math.max(at, before.lastFailedAt ?? 0) : before.lastFailedAt,
    });
  }
  return [...records.values()].sort(
    (a, b) =>
      b.counts.failed - a.counts.failed ||
      (a.receiver < b.receiver ? -1 : a.receiver > b.receiver ? 1 : a.integration < b.integration ? -1 : 1),
  );
}

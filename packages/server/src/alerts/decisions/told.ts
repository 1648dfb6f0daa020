import { dateTime64, type Engine, inList, sql, table, tenant } from '../../engine/index.ts';
import { type Decision, type Outcome, outcomeOf } from './decision.ts';
import type { DeliverySpan } from './delivery-events.ts';
import { alertDecisions } from './table.ts';

/** Of all that is decided about alerts: that people heard of it or did not, and what they did. */
const OF_PEOPLE: readonly Outcome[] = [
  'sent',
  'failed',
  'abandoned',
  'escalated',
  'acknowledged',
  'unacknowledged',
];

/** One thing that people were told of alerts, or did: the same decision about each of them. */
export interface Told {
  /** Epoch ms. */
  readonly at: number;
  readonly outcome: Outcome;
  readonly receiver: string;
  readonly integration: string;
  readonly reason: string;
  /** Of how many of the alerts that were asked for. */
  readonly alerts: number;
}

const MOST = 2000;

/** What the engine has of it. */
export async function readTold(
  engine: Pick<Engine, 'query'>,
  tenantName: string,
  { fingerprints, span }: { readonly fingerprints: readonly string[]; readonly span: DeliverySpan },
): Promise<readonly Told[]> {
  if (fingerprints.length === 0) return [];
  const statement = sql`SELECT outcome, toFloat64(toUnixTimestamp64Milli(ts)) AS at, receiver, integration, reason,
      toFloat64(uniqExact(fingerprint)) AS many
    FROM ${table(alertDecisions)}
    WHERE tenant = ${tenant} AND fingerprint IN ${inList(fingerprints)}
      AND ts >= ${dateTime64(span.from)} AND ts <= ${dateTime64(span.to)} AND outcome IN ${inList(OF_PEOPLE)}
    GROUP BY outcome, ts, receiver, integration, reason ORDER BY at DESC LIMIT ${MOST}`;
  const block = await engine.query(statement, { purpose: 'alerts.told', tenant: tenantName });
  const [at, many] = [block.numbers('at'), block.numbers('many')];
  const [receiver, integration, reason] = [
    block.strings('receiver'),
    block.strings('integration'),
    block.strings('reason'),
  ];
  return block.strings('outcome').map((outcome, i) => ({
    at: at[i],
    outcome: outcomeOf(outcome),
    receiver: receiver[i],
    integration: integration[i],
    reason: reason[i],
    alerts: many[i],
  }));
}

/** The same from decisions in memory. */
export function toldOf(decisions: Iterable<Decision>, { from, to }: DeliverySpan): readonly Told[] {
  const all = new Map<string, Told>();
  for (const { at, outcome, receiver, integration, reason } of decisions) {
    if (at < from || at > to || !OF_PEOPLE.includes(outcome)) continue;
    const one = { at, outcome, receiver, integration, reason, alerts: 1 };
    const before = all.get(keyOf(one));
    all.set(keyOf(one), { ...one, alerts: (before?.alerts ?? 0) + 1 });
  }
  return [...all.values()];
}

/** Each once: the engine may have what memory has, or a part of it. The oldest first. */
export function joinTold(...lists: readonly (readonly Told[])[]): readonly Told[] {
  const all = new Map<string, Told>();
  for (const one of lists.flat()) {
    const before = all.get(keyOf(one));
    if (before === undefined || before.alerts < one.alerts) all.set(keyOf(one), one);
  }
  return [...all.values()].sort((a, b) => a.at - b.at);
}

function keyOf({ at, outcome, receiver, integration, reason }: Omit<Told, 'alerts'>): string {
  return JSON.stringify([at, outcome, receiver, integration, reason]);
}

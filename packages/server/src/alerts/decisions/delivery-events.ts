import { dateTime64, type Engine, inList, sql, table, tenant } from '../../engine/index.ts';
import { type Decision, type Outcome, outcomeOf } from './decision.ts';
import { alertDecisions } from './table.ts';

/** What is decided of a delivery, not of an alert: its id stands in `by`. */
const OF_DELIVERIES: readonly Outcome[] = [
  'queued',
  'sent',
  'retrying',
  'failed',
  'abandoned',
  'superseded',
  'uncertain',
];

/** One thing that happened to one delivery: the same decision about each of its alerts. */
export interface DeliveryEvent {
  readonly id: string;
  readonly outcome: Outcome;
  /** Epoch ms. */
  readonly at: number;
  /** In order of what happened at one instant. */
  readonly seq: number;
  readonly route: string;
  readonly group: string;
  readonly receiver: string;
  readonly integration: string;
  readonly reason: string;
  /** Of how many alerts. */
  readonly alerts: number;
  /** Attempts up to then, as far as that is known. */
  readonly attempts: number;
  readonly mayBeDuplicate: boolean;
  /** Some of its alerts, at most {@link MOST_NAMED}. */
  readonly about: readonly DeliveredAlert[];
}

/** An alert that a delivery tells of. */
export interface DeliveredAlert {
  readonly fingerprint: string;
  /** What it is called; empty where an older version wrote of it. */
  readonly title: string;
}

/** Alerts of a delivery that are named; of the others it is told how many there are. */
export const MOST_NAMED = 3;

/** From when to when, in epoch ms. */
export interface DeliverySpan {
  readonly from: number;
  readonly to: number;
}

/** Most events in an answer, the newest of the span. */
export const MOST_EVENTS = 20_000;

/** What the engine has of a span. */
export async function readDeliveryEvents(
  engine: Pick<Engine, 'query'>,
  tenantName: string,
  { from, to }: DeliverySpan,
): Promise<readonly DeliveryEvent[]> {
  const statement = sql`SELECT decided_by[1] AS delivery, outcome, toFloat64(toUnixTimestamp64Milli(ts)) AS at, toFloat64(min(seq)) AS number,
      any(route) AS way, any(group_key) AS key, any(receiver) AS whom, any(integration) AS how, any(reason) AS why, toFloat64(uniqExact(fingerprint)) AS many,
      toFloat64(max(attempts)) AS tries, toFloat64(max(may_be_duplicate)) AS twice,
      arrayStringConcat(groupUniqArray(${MOST_NAMED})(concat(fingerprint, ' ', title)), '\n') AS named
    FROM ${table(alertDecisions)}
    WHERE tenant = ${tenant} AND ts >= ${dateTime64(from)} AND ts <= ${dateTime64(to)} AND outcome IN ${inList(OF_DELIVERIES)}
    GROUP BY delivery, outcome, ts ORDER BY at DESC, number DESC LIMIT ${MOST_EVENTS}`;
  const block = await engine.query(statement, { purpose: 'alerts.deliveries', tenant: tenantName });
  const [at, seq, many] = [block.numbers('at'), block.numbers('number'), block.numbers('many')];
  const [tries, twice, named] = [block.numbers('tries'), block.numbers('twice'), block.strings('named')];
  const [id, route, group] = [block.strings('delivery'), block.strings('way'), block.strings('key')];
  const [receiver, integration, reason] = [block.strings('whom'), block.strings('how'), block.strings('why')];
  return block.strings('outcome').map((outcome, i) => ({
    id: id[i],
    outcome: outcomeOf(outcome),
    at: at[i],
    seq: seq[i],
    route: route[i],
    group: group[i],
    receiver: receiver[i],
    integration: integration[i],
    reason: reason[i],
    alerts: many[i],
    attempts: tries[i],
    mayBeDuplicate: twice[i] === 1,
    about: named[i].split('\n').map(namedAlert),
  }));
}

/** `<fingerprint> <title>`: neither has a line feed, and the fingerprint no space. */
function namedAlert(line: string): DeliveredAlert {
  const at = line.indexOf(' ');
  return { fingerprint: line.slice(0, at), title: line.slice(at + 1) };
}

/** The same from decisions in memory, in any order. */
export function deliveryEventsOf(
  decisions: Iterable<Decision & { readonly seq: number }>,
  { from, to }: DeliverySpan,
): readonly DeliveryEvent[] {
  const events = new Map<string, DeliveryEvent>();
  for (const decision of decisions) {
    const { at, outcome, seq, route, group, receiver, integration, reason } = decision;
    const { attempts = 0, mayBeDuplicate = false, fingerprint, title = '' } = decision;
    const id = decision.by[0];
    if (id === undefined || at < from || at > to || !OF_DELIVERIES.includes(outcome)) continue;
    const key = eventKey({ id, outcome, at });
    const before = events.get(key);
    const alerts = (before?.alerts ?? 0) + 1;
    const first = Math.min(seq, before?.seq ?? seq);
    const others = before?.about ?? [];
    const about = others.length < MOST_NAMED ? [...others, { fingerprint, title }] : others;
    const facts = { attempts, mayBeDuplicate, alerts, about };
    events.set(key, { id, outcome, at, seq: first, route, group, receiver, integration, reason, ...facts });
  }
  return [...events.values()];
}

/** Each once: the engine may have what memory has, or a part of it. The oldest first. */
export function joinDeliveryEvents(
  ...lists: readonly (readonly DeliveryEvent[])[]
): readonly DeliveryEvent[] {
  const events = new Map<string, DeliveryEvent>();
  for (const event of lists.flat()) {
    const key = eventKey(event);
    const before = events.get(key);
    if (before === undefined || before.alerts < event.alerts) events.set(key, event);
  }
  return [...events.values()].sort((a, b) => a.at - b.at || a.seq - b.seq);
}

function eventKey({ id, outcome, at }: Pick<DeliveryEvent, 'id' | 'outcome' | 'at'>): string {
  return `${id} ${outcome} ${at}`;
}

import { dateTime64, inList, join, type Sql, sql } from '../../engine/index.ts';
import { DECISIONS, type Decision, STATUSES, type Status } from '../event.ts';
import { type EventChunk, readEvent, statusAt } from './chunk.ts';
import type { StoredEvent } from './stored-event.ts';

/** Which events are asked for; a list that is absent means all. */
export interface EventFilter {
  readonly statuses?: readonly Status[] | undefined;
  readonly decisions?: readonly Decision[] | undefined;
  readonly sources?: readonly string[] | undefined;
  readonly eventTypes?: readonly string[] | undefined;
  /** A rule that found something. */
  readonly rules?: readonly string[] | undefined;
  /** Epoch ms, inclusive. */
  readonly from?: number | undefined;
  /** Epoch ms, exclusive. */
  readonly to?: number | undefined;
}

/** The filter as conditions, each led by AND. */
export function conditionsOf(filter: EventFilter): Sql {
  const { statuses, decisions, sources, eventTypes, rules, from, to } = filter;
  const conditions: Sql[] = [];
  if (statuses !== undefined)
    conditions.push(sql`AND status IN ${inList(statuses.map((status) => STATUSES.indexOf(status)))}`);
  if (decisions !== undefined)
    conditions.push(sql`AND decision IN ${inList(decisions.map((one) => DECISIONS.indexOf(one)))}`);
  if (sources !== undefined) conditions.push(sql`AND source IN ${inList(sources)}`);
  if (eventTypes !== undefined) conditions.push(sql`AND event_type IN ${inList(eventTypes)}`);
  if (rules !== undefined) conditions.push(sql`AND hasAny(rules, ${rules})`);
  if (from !== undefined) conditions.push(sql`AND ts >= ${dateTime64(from)}`);
  if (to !== undefined) conditions.push(sql`AND ts < ${dateTime64(to)}`);
  return conditions.length === 0 ? sql`` : join(conditions, ' ');
}

/** The events of chunks that the filter keeps, in no order. */
export function* eventsIn(chunks: readonly EventChunk[], filter: EventFilter): Generator<StoredEvent, void> {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, statuses, sources } = filter;
  const wantedStatuses = statuses === undefined ? null : new Set<Status>(statuses);
  const wantedSources = sources === undefined ? null : new Set(sources);
  const wantedTypes = filter.eventTypes === undefined ? null : new Set(filter.eventTypes);
  for (const chunk of chunks)
    for (let row = 0; row < chunk.rows; row++) {
      const ms = chunk.ms[row];
      if (ms < from || ms >= to) continue;
      if (wantedStatuses?.has(statusAt(chunk, row)) === false) continue;
      if (wantedSources?.has(chunk.sources[row]) === false) continue;
      const event = readEvent(chunk, row);
      if (wantedTypes?.has(event.eventType) === false) continue;
      if (filter.decisions?.includes(event.decision) === false) continue;
      if (filter.rules !== undefined && !event.rules.some((rule) => filter.rules?.includes(rule))) continue;
      yield event;
    }
}

/** Newest first; of one moment the later stored first. */
export function newestFirst(a: StoredEvent, b: StoredEvent): number {
  return b.at - a.at || b.seq - a.seq;
}

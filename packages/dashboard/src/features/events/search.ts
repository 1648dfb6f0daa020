import { DECISIONS, type Decision, type EventEntry, STATUSES, type Status } from './contracts.ts';

export const VIEWS = ['rules', 'archives'] as const;
type View = (typeof VIEWS)[number];

/** What keeps an event in the list. */
export interface EventsFilter {
  status?: Status | undefined;
  decision?: Decision | undefined;
  source?: string | undefined;
  type?: string | undefined;
  /** A rule that found something. */
  rule?: string | undefined;
}

export interface EventsSearch extends EventsFilter {
  view?: View | undefined;
  /** The id of the event that is looked at. */
  event?: string | undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;
}

/** The page's own search parameters; what is not valid is dropped, so that a bad link still opens. */
export function validateEventsSearch(search: Readonly<Record<string, unknown>>): EventsSearch {
  const wanted: EventsSearch = {
    view: VIEWS.find((known) => known === search['view']),
    status: STATUSES.find((known) => known === search['status']),
    decision: DECISIONS.find((known) => known === search['decision']),
    source: text(search['source']),
    type: text(search['type']),
    rule: text(search['rule']),
    event: text(search['event']),
  };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
}

/** Whether the filter keeps an event of the stream, as the server's own does with stored ones. */
export function keeps({ status, decision, source, type, rule }: EventsFilter, event: EventEntry): boolean {
  return (
    (status === undefined || event.status === status) &&
    (decision === undefined || event.decision === decision) &&
    (source === undefined || event.source === source) &&
    (type === undefined || event.event_type === type) &&
    (rule === undefined || event.issues.some((issue) => issue.rule === rule))
  );
}

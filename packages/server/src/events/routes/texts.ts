import { isUneventful, type StoredEvent } from '../store/stored-event.ts';
import type { Finding } from '../verdict.ts';

/** `issues` of an answer. */
export function issuesText(findings: readonly Finding[]): string {
  return JSON.stringify(
    findings.map(({ rule, field, value, limit, message, weight, decision }) => ({
      rule,
      field,
      value,
      limit,
      message,
      weight,
      decision,
    })),
  );
}

export function suggestionsText(suggestions: readonly string[]): string {
  return JSON.stringify(suggestions);
}

/** What nothing was found in says the same each time. */
let lastUneventful: { readonly reasoning: string; readonly members: string } | null = null;

/** Members that a verdict and a log entry have in common, without braces. */
function verdictMembers(event: StoredEvent): string {
  if (!isUneventful(event)) return writtenMembers(event);
  const { reasoning } = event;
  if (lastUneventful?.reasoning !== reasoning) lastUneventful = { reasoning, members: writtenMembers(event) };
  return lastUneventful.members;
}

function writtenMembers(event: StoredEvent): string {
  return `"status":"${event.status}","severity_score":${event.score},"decision":"${event.decision}","reasoning":${quoted(event.reasoning)},"issues":${event.issues},"suggestions":${event.suggestions}`;
}

/** Everything behind the id: the same for all uneventful events of one moment, source and type. */
function membersAfterId(event: StoredEvent): string {
  if (!isUneventful(event)) return writtenAfterId(event);
  const { at, source, eventType, reasoning } = event;
  if (lastTails.at !== at || lastTails.source !== source || lastTails.reasoning !== reasoning)
    lastTails = { at, source, reasoning, byType: new Map() };
  let tail = lastTails.byType.get(eventType);
  if (tail === undefined) {
    tail = writtenAfterId(event);
    if (lastTails.byType.size < MOST_TAILS) lastTails.byType.set(eventType, tail);
  }
  return tail;
}

function writtenAfterId(event: StoredEvent): string {
  return `,${whenAndWhence(event)},${verdictMembers(event)}`;
}

function whenAndWhence({ at, source, eventType }: StoredEvent): string {
  return `"timestamp":"${isoOf(at)}","source":${quoted(source)},"event_type":${quoted(eventType)}`;
}

const MOST_TAILS = 100;

let lastTails: {
  readonly at: number;
  readonly source: string;
  readonly reasoning: string;
  readonly byType: Map<string, string>;
} = { at: Number.NaN, source: '', reasoning: '', byType: new Map() };

const LETTERS_ONLY = /^[\w .:/-]*$/;

/** A text as JSON has it; most need nothing but quotes. */
function quoted(text: string): string {
  return LETTERS_ONLY.test(text) ? `"${text}"` : JSON.stringify(text);
}

const lastMoment = { at: Number.NaN, iso: '' };

/** Events that come together share their moment. */
function isoOf(at: number): string {
  if (lastMoment.at !== at) {
    lastMoment.at = at;
    lastMoment.iso = new Date(at).toISOString();
  }
  return lastMoment.iso;
}

/** The answer to an event; with `index` as an item of a batch's answer. `duplicate` says that it was there already. */
export function verdictText(event: StoredEvent, duplicate: boolean, index?: number): string {
  const place = index === undefined ? '' : `"index":${index},`;
  return `{${place}"id":${quoted(event.id)}${membersAfterId(event)},"duplicate":${duplicate}}`;
}

/** One entry of `logs[]`. */
export function entryText(event: StoredEvent): string {
  return `{"id":${quoted(event.id)},${whenAndWhence(event)},"input":${event.data},"metadata":${event.metadata},${verdictMembers(event)}}`;
}

import type { StoredEvent } from '../store/stored-event.ts';
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
  const { status, score, decision, reasoning, issues, suggestions } = event;
  const isUneventful =
    status === 'NORMAL' && score === 0 && decision === 'CONTINUE' && issues === '[]' && suggestions === '[]';
  if (!isUneventful) return writtenMembers(event);
  if (lastUneventful?.reasoning !== reasoning) lastUneventful = { reasoning, members: writtenMembers(event) };
  return lastUneventful.members;
}

function writtenMembers(event: StoredEvent): string {
  return `"status":"${event.status}","severity_score":${event.score},"decision":"${event.decision}","reasoning":${quoted(event.reasoning)},"issues":${event.issues},"suggestions":${event.suggestions}`;
}

function headMembers(event: StoredEvent): string {
  return `"id":${quoted(event.id)},"timestamp":"${isoOf(event.at)}","source":${quoted(event.source)},"event_type":${quoted(event.eventType)}`;
}

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
  return `{${place}${headMembers(event)},${verdictMembers(event)},"duplicate":${duplicate}}`;
}

/** One entry of `logs[]`. */
export function entryText(event: StoredEvent): string {
  return `{${headMembers(event)},"input":${event.data},"metadata":${event.metadata},${verdictMembers(event)}}`;
}

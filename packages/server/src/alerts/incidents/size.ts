import { type Incident, type IncidentEvent, type Member, type Note, SEVERITIES } from './incident.ts';

/*
 * An incident is one value of the state, which takes a megabyte of each. One that grew beyond it could not be written any more, and
 * nothing that is written with it: so each of its parts has a share, in bytes of JSON, that together leave room for the rest.
 */

/** Beyond it alerts are counted, as beyond {@link MOST_MEMBERS}. */
const MOST_MEMBER_BYTES = 450_000;
/** What people wrote is never dropped: beyond it no more is taken. */
const MOST_NOTE_BYTES = 300_000;
/** Beyond it what alerts did long ago is dropped. */
const MOST_EVENT_BYTES = 150_000;
const MOST_EVENTS = 500;

/** Beyond, alerts are counted: a rule gone wild must not fill the disk. */
export const MOST_MEMBERS = 300;
export const MOST_NOTES = 500;

type Part = Member | IncidentEvent | Note;

/** Parts never change, and are counted again and again. */
const known = new WeakMap<Part, number>();

/** Of one part as it is stored, with what stands between it and the next. */
function bytesOf(part: Part): number {
  const before = known.get(part);
  if (before !== undefined) return before;
  const stored = 'labels' in part ? { ...part, labels: [...part.labels] } : part;
  const bytes = Buffer.byteLength(JSON.stringify(stored)) + 1;
  known.set(part, bytes);
  return bytes;
}

function bytesOfAll(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + bytesOf(part), 0);
}

/** About what an incident takes in the state. */
export function bytesOfIncident({ members, events, notes }: Incident): number {
  return bytesOfAll(members) + bytesOfAll(events) + bytesOfAll(notes);
}

/** Whether so many alerts are more than one incident names. */
export function isFull(members: readonly Member[]): boolean {
  return members.length > MOST_MEMBERS || bytesOfAll(members) > MOST_MEMBER_BYTES;
}

/**
 * The same without as many of those that ended before a time as it takes; the least urgent and oldest first, never the one it began with. Of an
 * incident that goes on for days, what fires is named, and what ended long ago stands in its timeline.
 */
export function withRoom(members: readonly Member[], before: number): readonly Member[] {
  if (!isFull(members)) return members;
  const kept = new Set(members);
  const gone = goneBefore(members, before).toSorted(
    (a, b) => rankOf(b) - rankOf(a) || (a.endedAt ?? 0) - (b.endedAt ?? 0),
  );
  for (const one of gone) {
    kept.delete(one);
    if (!isFull([...kept])) return [...kept];
  }
  return members;
}

/** How many alerts of an open incident may give way to others. */
export function roomIn(incident: Incident | undefined, before: number): number {
  return incident?.phase.kind === 'open' ? goneBefore(incident.members, before).length : 0;
}

function goneBefore(members: readonly Member[], before: number): readonly Member[] {
  return members.slice(1).filter(({ endedAt }) => endedAt !== null && endedAt < before);
}

function rankOf({ severity }: Member): number {
  return SEVERITIES.indexOf(severity);
}

/** Whether so many notes are more than one incident holds. */
export function isOverwritten(notes: readonly Note[]): boolean {
  return notes.length > MOST_NOTES || bytesOfAll(notes) > MOST_NOTE_BYTES;
}

export function withEvent(incident: Incident, event: IncidentEvent): Incident {
  return { ...incident, events: boundedEvents([...incident.events, event]) };
}

/** The newest, and before them what people did rather than what alerts did; the beginning always. */
export function boundedEvents(events: readonly IncidentEvent[]): readonly IncidentEvent[] {
  const kept = [...events];
  let bytes = bytesOfAll(kept);
  while (kept.length > 1 && (kept.length > MOST_EVENTS || bytes > MOST_EVENT_BYTES)) {
    const gone = kept.findIndex(({ by, what }, i) => i > 0 && by === '' && what !== 'opened');
    for (const event of kept.splice(gone < 0 ? 1 : gone, 1)) bytes -= bytesOf(event);
  }
  return kept;
}

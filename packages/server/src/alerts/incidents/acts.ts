import { alertErrors } from '../errors.ts';
import {
  cameFrom,
  endOf,
  type Incident,
  isFiring,
  type Member,
  type Severity,
  titleOf,
  type Why,
} from './incident.ts';
import { mergeInto, wouldOverflow } from './merge.ts';
import { isOverwritten, MOST_MEMBERS, MOST_NOTES, withEvent } from './size.ts';
import { Draft, type IncidentsStep, type IncidentsView } from './step.ts';

/** What people do to an incident. Absent fields stay as they are; null takes back what somebody said. */
export type IncidentAct =
  | { readonly kind: 'resolve'; readonly note: string }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'note'; readonly text: string }
  | {
      readonly kind: 'edit';
      readonly title?: string | null | undefined;
      readonly severity?: Severity | null | undefined;
      /** Empty for nobody. */
      readonly assignee?: string | undefined;
    }
  /** Takes everything of another one. */
  | { readonly kind: 'merge'; readonly other: string }
  /** Some of its alerts become an incident of their own. */
  | { readonly kind: 'split'; readonly fingerprints: readonly string[] }
  /** What came from another one by a merge goes back to it. */
  | { readonly kind: 'unmerge'; readonly other: string };

interface Doing {
  readonly draft: Draft;
  readonly incident: Incident;
  readonly now: number;
  readonly by: string;
}

export interface ActStep extends IncidentsStep {
  /** The incident that holds what was acted on: of a split, the new one. */
  readonly id: string;
}

/** What somebody's act makes of incidents. Throws `unknownIncident`, `mergedIncident` or `incident` (what cannot be done, and why). */
export function act(
  view: IncidentsView,
  id: string,
  what: IncidentAct,
  { now, by }: { readonly now: number; readonly by: string },
): ActStep {
  const draft = new Draft(view);
  const incident = known(draft, id);
  if (incident.phase.kind === 'merged')
    throw alertErrors.make('mergedIncident', `#${id} was merged into #${incident.phase.into}`, {
      details: { into: incident.phase.into },
    });
  const done = perform({ draft, incident, now, by }, what);
  return { ...draft.step(), id: done };
}

function perform(doing: Doing, what: IncidentAct): string {
  const { incident } = doing;
  switch (what.kind) {
    case 'resolve':
      resolve(doing, what.note);
      return incident.id;
    case 'reopen':
      reopen(doing);
      return incident.id;
    case 'note':
      doing.draft.put(noted(doing, incident, what.text));
      return incident.id;
    case 'edit':
      edit(doing, what);
      return incident.id;
    case 'merge':
      return merge(doing, what.other);
    case 'split':
      return split(doing, new Set(what.fingerprints));
    case 'unmerge':
      return unmerge(doing, what.other);
  }
}

function known(draft: Draft, id: string): Incident {
  const found = draft.get(id);
  if (found === undefined) throw alertErrors.make('unknownIncident', `there is no incident #${id}`);
  return found;
}

/** Doing it twice is harmless: who asks again has not heard the answer. */
function resolve({ draft, incident, now, by }: Doing, note: string): void {
  if (incident.phase.kind !== 'open') return;
  const firing = incident.members.filter(isFiring).length;
  const text = firing === 0 ? '' : `${firing} of its alerts still fire`;
  const noticed = note === '' ? incident : noted({ draft, incident, now, by }, incident, note);
  draft.put(
    withEvent(
      { ...noticed, phase: { kind: 'resolved', at: now, by } },
      { at: now, what: 'resolved', by, text, alert: '' },
    ),
  );
}

function reopen({ draft, incident, now, by }: Doing): void {
  if (incident.phase.kind === 'open') return;
  draft.put(
    withEvent(
      { ...incident, phase: { kind: 'open' } },
      { at: now, what: 'reopened', by, text: '', alert: '' },
    ),
  );
}

function noted({ now, by }: Doing, incident: Incident, text: string): Incident {
  const notes = [...incident.notes, { at: now, by, text }];
  if (isOverwritten(notes))
    throw alertErrors.make(
      'incident',
      `#${incident.id} has ${incident.notes.length} notes, and no room for this one: at most ${MOST_NOTES} of 300 kB in all are kept; put long texts elsewhere and link to them`,
    );
  return { ...incident, notes };
}

type Edit = Extract<IncidentAct, { kind: 'edit' }>;

function edit({ draft, incident, now, by }: Doing, { title, severity, assignee }: Edit): void {
  let next = incident;
  const changed = (what: 'title' | 'severity' | 'assigned', text: string): void => {
    next = withEvent(next, { at: now, what, by, text, alert: '' });
  };
  if (title !== undefined && title !== next.givenTitle) {
    next = { ...next, givenTitle: title };
    changed('title', titleOf(next));
  }
  if (severity !== undefined && severity !== next.givenSeverity) {
    next = { ...next, givenSeverity: severity };
    changed('severity', severity ?? 'as its alerts say');
  }
  if (assignee !== undefined && assignee !== next.assignee) {
    next = { ...next, assignee };
    changed('assigned', assignee === '' ? 'to nobody' : `to ${assignee}`);
  }
  if (next !== incident) draft.put(next);
}

function merge({ draft, incident, now, by }: Doing, otherId: string): string {
  const other = known(draft, otherId);
  if (other.id === incident.id)
    throw alertErrors.make('incident', `other: #${otherId} cannot be merged with itself`);
  if (other.phase.kind === 'merged') {
    // Whoever asks again has not heard the answer.
    if (other.phase.into === incident.id) return incident.id;
    throw alertErrors.make('incident', `#${otherId} was merged into #${other.phase.into} already`);
  }
  if (wouldOverflow(incident, other))
    throw alertErrors.make(
      'incident',
      `together they have more than one incident holds: ${incident.members.length} and ${other.members.length} alerts (at most ${MOST_MEMBERS} of 450 kB), ${incident.notes.length} and ${other.notes.length} notes (at most ${MOST_NOTES} of 300 kB)`,
    );
  return mergeInto(draft, [incident, other], { at: now, by, text: '' }).id;
}

/** So many of what a message names. */
const MOST_STRANGE = 3;

function split(doing: Doing, fingerprints: ReadonlySet<string>): string {
  const { draft, incident, now, by } = doing;
  const gone = incident.members.filter(({ fingerprint }) => fingerprints.has(fingerprint));
  const strange = [...fingerprints].filter((one) => gone.every(({ fingerprint }) => fingerprint !== one));
  if (strange.length > 0)
    throw alertErrors.make(
      'incident',
      `fingerprints: ${strange.slice(0, MOST_STRANGE).join(', ')} ${strange.length === 1 ? 'is' : 'are'} not part of #${incident.id}; expected those of its members`,
    );
  if (gone.length === incident.members.length)
    throw alertErrors.make('incident', 'at least one alert must stay');
  const made: Incident = {
    id: draft.newId(),
    givenTitle: null,
    givenSeverity: null,
    assignee: incident.assignee,
    openedAt: now,
    phase: { kind: 'open' },
    members: [],
    events: [],
    notes: [],
    apart: [],
    shared: [],
  };
  const why: Why = {
    to: '',
    score: 0,
    reasons: [{ link: 'person', text: `taken from #${incident.id} by ${by}`, points: 0 }],
  };
  const taken = gone.map((member): Member => ({ ...member, joinedAt: now, from: '', why }));
  apart(doing, taken, made, { why: '', back: [], stays: [] });
  return made.id;
}

function unmerge(doing: Doing, otherId: string): string {
  const { draft, incident } = doing;
  const other = known(draft, otherId);
  // Whoever asks again has not heard the answer.
  if (other.phase.kind !== 'merged') return otherId;
  const came = incident.members.filter((one) => cameFrom(one) === otherId);
  const { back, stays } = sharedAgain(other, incident, came);
  if (other.phase.into !== incident.id || came.length + back.length === 0)
    throw alertErrors.make('incident', `nothing of #${otherId} is part of #${incident.id}`);
  if (came.length === incident.members.length && stays.length === 0)
    throw alertErrors.make('incident', 'at least one alert must stay');
  const own = came.map((one): Member => ({ ...one, from: one.from.slice(otherId.length + 1) }));
  apart(doing, own, { ...other, shared: [] }, { why: 'the merge was undone', back, stays });
  return otherId;
}

/** Of alerts that both had, each has its own account back; the newer one goes on. */
function sharedAgain(
  { shared }: Incident,
  into: Incident,
  came: readonly Member[],
): Pick<Parting, 'back' | 'stays'> {
  const has = (members: readonly Member[], { fingerprint }: Member): boolean =>
    members.some((one) => one.fingerprint === fingerprint);
  return {
    back: shared.filter(({ own }) => has(into.members, own) && !has(came, own)).map(({ own }) => own),
    stays: shared.filter(({ other }) => has(came, other)).map(({ other }) => other),
  };
}

interface Parting {
  readonly why: string;
  /** What else the other one has again: older accounts of alerts that stay here. */
  readonly back: readonly Member[];
  /** Older accounts, which stay here, of alerts that go. */
  readonly stays: readonly Member[];
}

/** Moves alerts to another incident; the two are not merged again by themselves. */
function apart(
  { draft, incident, now, by }: Doing,
  gone: readonly Member[],
  to: Incident,
  { why, back, stays }: Parting,
): void {
  const names = new Set(gone.map(({ fingerprint }) => fingerprint));
  const count = `${gone.length} ${gone.length === 1 ? 'alert' : 'alerts'}`;
  const end = endOf(incident);
  const isOpen = gone.some(isFiring) || end === null;
  const made: Incident = {
    ...to,
    members: [...gone, ...back],
    phase: isOpen ? { kind: 'open' } : { kind: 'resolved', at: end, by },
    apart: [...new Set([...to.apart, incident.id])],
  };
  const reason = why === '' ? '' : `, ${why}`;
  draft.put(
    withEvent(made, {
      at: now,
      what: 'split',
      by,
      text: `${count} from #${incident.id}${reason}`,
      alert: '',
    }),
  );
  const left = {
    ...incident,
    members: [...incident.members.filter(({ fingerprint }) => !names.has(fingerprint)), ...stays],
    apart: [...new Set([...incident.apart, to.id])],
  };
  draft.put(
    withEvent(left, { at: now, what: 'split', by, text: `${count} to #${to.id}${reason}`, alert: '' }),
  );
  for (const fingerprint of names)
    if (draft.idOf(fingerprint) === incident.id) draft.move(fingerprint, to.id);
}

import { couldTake, recruiters } from './core.ts';
import { type CorrelationRules, closest, span } from './correlation.ts';
import {
  bounded,
  type Incident,
  isFiring,
  type Member,
  nameOf,
  quietSince,
  type Sighting,
  type Why,
} from './incident.ts';
import { isApart, mergeInto, olderFirst, wouldOverflow } from './merge.ts';
import { candidates, reachOf } from './nearness.ts';
import { isFull, withEvent, withRoom } from './size.ts';
import { Draft, type IncidentsStep, type IncidentsView } from './step.ts';
import type { CallMap } from './topology.ts';

/** When incidents end and come back. */
export interface LifeRules {
  /** After its last alert ended it takes so long until an incident does, ms. */
  readonly holdDownMs: number;
  /** An alert that fires again so soon after its incident ended opens that one again, ms. */
  readonly reopenMs: number;
}

/** What alerts do. Times in epoch ms. */
export type IncidentsInput =
  /** Seen to fire, for the first time or again. */
  | {
      readonly kind: 'fires';
      readonly alert: Sighting;
      /** Somebody keeps it quiet on purpose: it opens nothing. */
      readonly isQuiet: boolean;
      /** Fingerprints of alerts that keep it quiet. */
      readonly inhibitedBy: readonly string[];
    }
  | { readonly kind: 'ended'; readonly fingerprint: string; readonly at: number }
  /** Time passed. */
  | { readonly kind: 'tick' };

export interface IncidentsWorld {
  readonly now: number;
  readonly rules: CorrelationRules & LifeRules;
  readonly calls: CallMap;
  /** Whether alerts that the incident has no room for still fire. */
  readonly isCrowded: (id: string) => boolean;
}

/** With more at once, what opens another joins the newest: they are no longer told apart by anybody. */
export const MOST_OPEN = 200;

/** Alerts that one is compared with at most, those of the newest incidents first: in a flood, all may have something in common. */
const MOST_LOOKS = 200;

/** The one step of all that happens by itself: what alerts and time make of incidents. */
export function advance(
  view: IncidentsView,
  inputs: readonly IncidentsInput[],
  world: IncidentsWorld,
): IncidentsStep {
  const draft = new Draft(view);
  for (const input of inputs)
    switch (input.kind) {
      case 'fires':
        fires(draft, input, world);
        break;
      case 'ended':
        ended(draft, input, world);
        break;
      case 'tick':
        closeQuiet(draft, world);
        break;
    }
  return draft.step();
}

type Fires = Extract<IncidentsInput, { kind: 'fires' }>;

function fires(draft: Draft, input: Fires, world: IncidentsWorld): void {
  const { alert } = input;
  const known = draft.get(draft.idOf(alert.fingerprint) ?? '');
  const member = known?.members.find(({ fingerprint }) => fingerprint === alert.fingerprint);
  if (known !== undefined && member !== undefined) {
    if (goesOn(draft, known, member, input, world)) return;
    // That it ended before it began anew was not seen.
    if (isFiring(member))
      draft.put(withMember(known, { ...member, endedAt: Math.min(alert.startsAt, world.now) }));
  }
  // It is counted there, and is no news.
  if (draft.isCounted(alert.fingerprint)) return;
  begins(draft, { ...input, alert: bounded(alert) }, world);
}

/** True when an alert is still part of the incident that it was part of. */
function goesOn(
  draft: Draft,
  incident: Incident,
  member: Member,
  { alert, isQuiet }: Fires,
  { now, rules }: IncidentsWorld,
): boolean {
  const isNews = !isFiring(member) || alert.startsAt > member.lastBeganAt;
  if (!isNews) return true;
  const { phase } = incident;
  if (phase.kind === 'merged') return false;
  if (phase.kind === 'resolved' && now - phase.at > rules.reopenMs) return false;
  if (phase.kind === 'resolved' && opensNothing(alert, isQuiet)) return true;
  const lastBeganAt = Math.max(alert.startsAt, member.lastBeganAt);
  const at = Math.min(now, lastBeganAt);
  const again: Member = { ...member, lastBeganAt, endedAt: null, times: member.times + 1 };
  let next = withMember(incident, again);
  if (phase.kind === 'resolved') {
    const text = `${nameOf(member)} fires again, ${span(now - phase.at)} after it was resolved`;
    next = withEvent(
      { ...next, phase: { kind: 'open' } },
      { at: now, what: 'reopened', by: '', text, alert: '' },
    );
  }
  draft.put(withEvent(next, { at, what: 'again', by: '', text: nameOf(member), alert: member.fingerprint }));
  return true;
}

/** What is only told for information, or kept quiet on purpose, is no incident; it may be part of one. */
function opensNothing({ severity }: Sighting, isQuiet: boolean): boolean {
  return isQuiet || severity === 'info';
}

function withMember(incident: Incident, member: Member): Incident {
  const members = incident.members.map((one) => (one.fingerprint === member.fingerprint ? member : one));
  return { ...incident, members };
}

function begins(draft: Draft, { alert, isQuiet, inhibitedBy }: Fires, world: IncidentsWorld): void {
  const { now, rules, calls } = world;
  const quietedBy = new Set(inhibitedBy);
  const bounds = { spreadMs: rules.spreadMs, inhibitedBy: quietedBy };
  const reach = reachOf(alert, inhibitedBy, { calls, hops: rules.hops });
  let looks = 0;
  const ties = draft
    .open()
    .toReversed()
    .flatMap((incident) => {
      if (looks > MOST_LOOKS) return [];
      const members = candidates(reach, recruiters(alert, incident, bounds));
      looks += members.length;
      const { openedAt } = incident;
      const why = closest(alert, members, { rules, calls, inhibitedBy: quietedBy, openedAt }, now);
      return why === null ? [] : [{ incident, why }];
    });
  ties.sort((a, b) => b.why.score - a.why.score || Number(a.incident.id) - Number(b.incident.id));
  const [best, ...others] = ties;
  if (best === undefined) {
    if (!opensNothing(alert, isQuiet)) open(draft, alert, world);
    return;
  }
  join(draft, best.incident, alert, best.why, world);
  for (const { incident } of others) {
    const into = draft.get(draft.idOf(alert.fingerprint) ?? '');
    const other = draft.get(incident.id);
    if (into === undefined || other?.phase.kind !== 'open' || into.id === other.id) continue;
    if (isApart(into, other) || wouldOverflow(into, other)) continue;
    if (!couldTake(...olderFirst(into, other), rules.spreadMs)) continue;
    const text = `${nameOf(alert)} is tied to both`;
    mergeInto(draft, [into, other], { at: now, by: '', text });
  }
}

function open(draft: Draft, alert: Sighting, world: IncidentsWorld): void {
  const { now } = world;
  const newest = draft.open().at(-1);
  if (newest !== undefined && draft.open().length >= MOST_OPEN) {
    const text = `${MOST_OPEN} incidents are open: kept with the newest`;
    const why: Why = { to: '', reasons: [{ link: 'crowd', text, points: 0 }], score: 0 };
    join(draft, newest, alert, why, world);
    return;
  }
  const why: Why = {
    to: '',
    reasons: [{ link: 'first', text: 'no open incident had to do with it', points: 0 }],
    score: 0,
  };
  const incident: Incident = {
    id: draft.newId(),
    givenTitle: null,
    givenSeverity: null,
    assignee: '',
    openedAt: now,
    phase: { kind: 'open' },
    members: [memberOf(alert, why, now)],
    events: [{ at: now, what: 'opened', by: '', text: nameOf(alert), alert: alert.fingerprint }],
    notes: [],
    apart: [],
    shared: [],
  };
  draft.put(incident);
  draft.move(alert.fingerprint, incident.id);
}

function join(draft: Draft, incident: Incident, alert: Sighting, why: Why, world: IncidentsWorld): void {
  const { now, rules } = world;
  // One that was part of it long ago and left with others comes back as what it is now.
  const others = incident.members.filter(({ fingerprint }) => fingerprint !== alert.fingerprint);
  const members = withRoom([...others, memberOf(alert, why, now)], now - rules.reopenMs);
  if (isFull(members)) {
    draft.crowd(alert.fingerprint, incident.id);
    return;
  }
  const joined = { ...incident, members };
  const text = `${nameOf(alert)}: ${why.reasons.map((reason) => reason.text).join('; ')}`;
  draft.put(withEvent(joined, { at: now, what: 'joined', by: '', text, alert: alert.fingerprint }));
  draft.move(alert.fingerprint, incident.id);
}

function memberOf(alert: Sighting, why: Why, now: number): Member {
  return { ...alert, lastBeganAt: alert.startsAt, endedAt: null, times: 1, joinedAt: now, why, from: '' };
}

function ended(
  draft: Draft,
  { fingerprint, at }: Extract<IncidentsInput, { kind: 'ended' }>,
  { now }: Pick<IncidentsWorld, 'now'>,
): void {
  const incident = draft.get(draft.idOf(fingerprint) ?? '');
  const member = incident?.members.find((one) => one.fingerprint === fingerprint);
  if (incident === undefined || member === undefined || !isFiring(member)) return;
  const endedAt = Math.max(at, Math.min(member.lastBeganAt, now));
  const next = withMember(incident, { ...member, endedAt });
  draft.put(
    withEvent(next, { at: endedAt, what: 'ended', by: '', text: nameOf(member), alert: fingerprint }),
  );
}

/** What has been quiet for long enough is over. */
function closeQuiet(draft: Draft, { now, rules, isCrowded }: IncidentsWorld): void {
  for (const incident of draft.open()) {
    const since = quietSince(incident);
    // Ahead of now it is where the clock was put back: nobody waits until it is there again.
    if (since === null || Math.abs(now - since) < rules.holdDownMs || isCrowded(incident.id)) continue;
    const text = `its last alert ended ${span(Math.max(0, now - since))} ago`;
    draft.put(
      withEvent(
        { ...incident, phase: { kind: 'resolved', at: now, by: '' } },
        { at: now, what: 'resolved', by: '', text, alert: '' },
      ),
    );
  }
}

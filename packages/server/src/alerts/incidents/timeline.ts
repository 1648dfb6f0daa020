import type { Told } from '../decisions/told.ts';
import { span } from './correlation.ts';
import {
  type Incident,
  type IncidentEvent,
  isFiring,
  type Member,
  nameOf,
  servicesOf,
  startOf,
} from './incident.ts';
import type { CallMap } from './topology.ts';

export const TIMELINE_KINDS = [
  /** The first sign of trouble. */
  'deviation',
  'deployment',
  'breaker',
  'error',
  'health',
  'alert',
  'notification',
  'acknowledgement',
  /** What became of the incident itself. */
  'incident',
  'note',
] as const;
type TimelineKind = (typeof TIMELINE_KINDS)[number];

/** One thing that happened. */
export interface TimelineEntry {
  /** Epoch ms. */
  readonly at: number;
  readonly kind: TimelineKind;
  /** What became of the incident, or of the alert that it is about; null for all else. */
  readonly what: IncidentEvent['what'] | null;
  readonly text: string;
  /** Empty where it is about none in particular. */
  readonly service: string;
  /** Who did it; empty for nobody. */
  readonly by: string;
  /** What it leads to: the fingerprint of an alert, the id of an error group; empty for nothing. */
  readonly of: string;
}

/** What other parts of Pharos saw. */
export interface Happening {
  readonly at: number;
  readonly kind: 'deployment' | 'breaker' | 'error' | 'health';
  readonly service: string;
  readonly text: string;
  readonly of: string;
  /** The service became unwell then. */
  readonly isWorse: boolean;
}

/** What is asked of other parts of Pharos. */
export interface FactsQuestion {
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
  /** Those whose state, breakers and errors count. */
  readonly services: readonly string[];
  /** Those whose deployments count, too: who calls them, and whom they call. */
  readonly neighbours: readonly string[];
  readonly signal: AbortSignal;
}

/** What other parts of Pharos tell; `warnings` say what could not be read. */
export interface IncidentFacts {
  happenings(question: FactsQuestion): Promise<{
    readonly happenings: readonly Happening[];
    readonly warnings: readonly string[];
  }>;
}

/** A change may show its effect this much later. */
const BEFORE_MS = 1_800_000;
/** What goes on after the end still belongs to it. */
const AFTER_MS = 300_000;
/** A change of health so long before the first alert may be the first sign. */
const FIRST_SIGN_MS = 900_000;
const MOST_ENTRIES = 1000;

/** From when to when an incident is looked at, epoch ms. */
export function spanOf(incident: Incident, now: number): { readonly from: number; readonly to: number } {
  const { phase, members } = incident;
  const lasts = phase.kind === 'open' || members.some(isFiring);
  const ends = members.map(({ endedAt }) => endedAt ?? 0);
  const end = lasts ? now : Math.max(phase.at, ...ends) + AFTER_MS;
  return { from: startOf(incident) - BEFORE_MS, to: Math.min(now, end) };
}

/** The services of an incident, and those that call them or are called by them. */
export function neighboursOf(incident: Incident, calls: CallMap): readonly string[] {
  const own = new Set(servicesOf(incident));
  const near = new Set<string>();
  for (const [caller, called] of calls)
    for (const callee of called) {
      if (own.has(caller) && !own.has(callee)) near.add(callee);
      if (own.has(callee) && !own.has(caller)) near.add(caller);
    }
  // Who calls from outside, or is not known, has no name.
  near.delete('');
  return [...near].sort();
}

/** Everything that is known of an incident, in the order of time; of too much the newest. */
export function timelineOf(
  incident: Incident,
  happenings: readonly Happening[],
  told: readonly Told[],
): { readonly entries: readonly TimelineEntry[]; readonly isCut: boolean } {
  const entries = [
    ...deviationOf(incident, happenings),
    ...happenings.map(
      ({ at, kind, text, service, of }): TimelineEntry => ({
        at,
        kind,
        what: null,
        text,
        service,
        by: '',
        of,
      }),
    ),
    ...incident.events.map((event) => eventEntry(event, incident)),
    ...folded(told).map(toldEntry),
    ...incident.notes.map(
      ({ at, by, text }): TimelineEntry => ({
        at,
        kind: 'note',
        what: null,
        text,
        service: '',
        by,
        of: '',
      }),
    ),
  ];
  // The sort is stable: at one instant the cause, as listed here, comes first.
  entries.sort((a, b) => a.at - b.at);
  return { entries: entries.slice(-MOST_ENTRIES), isCut: entries.length > MOST_ENTRIES };
}

/** What was first: a condition that held, or a service that became unwell. */
function deviationOf(incident: Incident, happenings: readonly Happening[]): readonly TimelineEntry[] {
  const start = startOf(incident);
  const services = servicesOf(incident);
  const unwell = happenings
    .filter(
      ({ kind, isWorse, service, at }) =>
        kind === 'health' &&
        isWorse &&
        services.includes(service) &&
        at <= start &&
        at >= start - FIRST_SIGN_MS,
    )
    .toSorted((a, b) => a.at - b.at)[0];
  const entry = { kind: 'deviation', what: null, by: '' } as const;
  if (unwell !== undefined) {
    const text = `first sign of trouble: ${unwell.text}`;
    return [{ ...entry, at: unwell.at, text, service: unwell.service, of: '' }];
  }
  const first = firstOf(incident.members);
  if (first === undefined) return [];
  const text = `first sign of trouble: the condition of ${nameOf(first)} began to hold`;
  return [{ ...entry, at: first.signAt, text, service: first.services[0] ?? '', of: first.fingerprint }];
}

function firstOf(members: readonly Member[]): Member | undefined {
  return members.toSorted((a, b) => a.signAt - b.signAt)[0];
}

/** What becomes of alerts; all else becomes of the incident. */
const OF_ALERTS: Partial<Record<IncidentEvent['what'], string>> = {
  opened: 'fired',
  joined: 'joined',
  again: 'fired again',
  ended: 'ended',
};

const WORDS: Readonly<Record<IncidentEvent['what'], string>> = {
  opened: 'opened',
  joined: 'joined',
  again: 'fired again',
  ended: 'ended',
  merged: 'merged',
  split: 'split',
  assigned: 'assigned',
  severity: 'severity set',
  title: 'named',
  resolved: 'resolved',
  reopened: 'opened again',
};

function eventEntry({ at, what, by, text, alert }: IncidentEvent, incident: Incident): TimelineEntry {
  const of = OF_ALERTS[what];
  const service = incident.members.find(({ fingerprint }) => fingerprint === alert)?.services[0] ?? '';
  if (of !== undefined && alert !== '') {
    const words = what === 'joined' ? `joined: ${text}` : `${text} ${of}`;
    return { at, kind: 'alert', what, text: words, service, by, of: alert };
  }
  const words = text === '' ? WORDS[what] : `${WORDS[what]}: ${text}`;
  return { at, kind: 'incident', what, text: words, service: '', by, of: '' };
}

/** Something people were told again and again, once. */
interface FoldedTold extends Told {
  readonly times: number;
  readonly lastAt: number;
}

/** A receiver that cannot be told is tried on and on: that is one thing, as long as nothing else came of it. */
function folded(told: readonly Told[]): readonly FoldedTold[] {
  const all: FoldedTold[] = [];
  const last = new Map<string, number>();
  for (const one of told) {
    const whom = `${one.receiver} ${one.integration}`;
    const place = last.get(whom);
    const before = place === undefined ? undefined : all[place];
    if (place !== undefined && before !== undefined && isFailure(one) && isFailure(before)) {
      all[place] = { ...before, times: before.times + 1, lastAt: one.at };
      continue;
    }
    last.set(whom, all.length);
    all.push({ ...one, times: 1, lastAt: one.at });
  }
  return all;
}

function isFailure({ outcome }: Told): boolean {
  return outcome === 'failed' || outcome === 'abandoned';
}

function toldEntry(told: FoldedTold): TimelineEntry {
  const { at, outcome, receiver, integration, reason, alerts, times, lastAt } = told;
  const isAcknowledged = outcome === 'acknowledged' || outcome === 'unacknowledged';
  const many = alerts === 1 ? '' : ` (${alerts} alerts)`;
  const again = times === 1 ? '' : `; ${times} times within ${span(lastAt - at)}`;
  const words =
    outcome === 'sent'
      ? `${receiver} was told by ${integration}${many}`
      : isFailure(told)
        ? `${receiver} could not be told by ${integration}: ${reason}${many}${again}`
        : reason;
  return {
    at,
    kind: isAcknowledged ? 'acknowledgement' : 'notification',
    what: null,
    text: words,
    service: '',
    by: '',
    of: '',
  };
}
